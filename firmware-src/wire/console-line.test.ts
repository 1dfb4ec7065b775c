import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from '../../app/base/bytes.ts';
import { crc16Ccitt } from '../../app/base/crc.ts';
import { createHmac, hkdfSync } from 'node:crypto';
import { v8Crypto } from '../../app/keys/crypto.ts';
import {
  BOARD_LINE_BYTES,
  BYTE_DROPS_FRAME,
  BYTE_ENDS_FRAME,
  BYTE_IN_FRAME,
  BYTE_IS_TEXT,
  encodeBoardLine,
  HOST_LINE_BYTES,
  jsonText,
  LineReader,
} from './console-line.ts';
import {
  consoleKeyFor,
  ConsoleSigner,
  encodeRequestLine,
  needsTag,
  parseFields,
  parseRequestLine,
} from './request-line.ts';

const MAC = Uint8Array.from([0x24, 0x0a, 0xc4, 0, 0, 1]);
const ADMIN_KEY = new Uint8Array(32).fill(7);
const SIGNER = new ConsoleSigner(v8Crypto, consoleKeyFor(v8Crypto, ADMIN_KEY, MAC), MAC);

/** Frames as texts, from any bytes, in any state of the reader. */
function feed(reader: LineReader, bytes: Uint8Array): string[] {
  const frames: string[] = [];
  for (const byte of bytes) {
    const what = reader.push(byte);
    expect([BYTE_IS_TEXT, BYTE_IN_FRAME, BYTE_ENDS_FRAME, BYTE_DROPS_FRAME]).toContain(what);
    if (what === BYTE_ENDS_FRAME) frames.push(Buffer.from(reader.frame()).toString('utf8'));
  }
  return frames;
}
const inner = (line: Uint8Array): Uint8Array => line.slice(1, line.length - 1);

describe('the line reader', () => {
  it('finds frames between log text, with CR LF too', () => {
    const reader = new LineReader(BOARD_LINE_BYTES);
    expect(feed(reader, utf8('boot\r\n\x1e{"t":"a"}\r\nlog \x1e{"t":"b"} \nmore'))).toEqual([
      '{"t":"a"}',
      '{"t":"b"}',
    ]);
    expect(reader.dropped).toBe(0);
  });
  it('finds the next frame after a cut one, and counts the cut one', () => {
    const reader = new LineReader(BOARD_LINE_BYTES);
    expect(feed(reader, utf8('\x1e{"t":"cut\x1e{"t":"b"}\n'))).toEqual(['{"t":"b"}']);
    expect(reader.dropped).toBe(1);
  });
  it('gives a frame up at a control character, as a changed baud rate makes them', () => {
    const reader = new LineReader(BOARD_LINE_BYTES);
    expect(feed(reader, utf8('\x1e{"t":\x00\x01\x02\x1e{"t":"b"}\n'))).toEqual(['{"t":"b"}']);
    expect(reader.dropped).toBe(1);
  });
  it('takes a frame of exactly the limit and drops and counts one byte more', () => {
    for (const [extra, dropped] of [
      [0, 0],
      [1, 1],
    ] as const) {
      const reader = new LineReader(200);
      const text = 'x'.repeat(198 + extra);
      const frames = feed(reader, utf8(`\x1e${text}\n\x1e{"t":"b"}\n`));
      expect(frames).toEqual(extra === 0 ? [text, '{"t":"b"}'] : ['{"t":"b"}']);
      expect(reader.dropped).toBe(dropped);
    }
  });
  it('survives any bytes and still finds the frame that follows', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 700 }), (noise) => {
        const reader = new LineReader(BOARD_LINE_BYTES);
        feed(reader, noise);
        expect(feed(reader, utf8('\x1e{"t":"b"}\n')).at(-1)).toBe('{"t":"b"}');
      }),
    );
  });
  it('forgets a frame in the making when told', () => {
    const reader = new LineReader(BOARD_LINE_BYTES);
    feed(reader, utf8('\x1e{"t":'));
    reader.reset();
    expect(feed(reader, utf8('text\n'))).toEqual([]);
    expect(reader.dropped).toBe(0);
  });
});

describe('lines from a board', () => {
  it('come back as they were, whatever the texts hold', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (name) => {
        const line = encodeBoardLine(`{"t":"hello","name":${jsonText(name)}}`)!;
        const frames = feed(new LineReader(BOARD_LINE_BYTES), line);
        expect(frames.length).toBe(1);
        expect(parseFields(utf8(frames[0]!))).toEqual({ t: 'hello', name });
      }),
    );
  });
  it('write every character as JSON has it, the ASCII ones one by one', () => {
    for (let code = 0; code < 0x80; code++) {
      const text = `a${String.fromCharCode(code)}b${String.fromCharCode(code)}`;
      expect(JSON.parse(jsonText(text))).toBe(text);
    }
  });
  it('are never a multiple of 64 bytes long, nor longer than 512', () => {
    for (let size = 0; size < 600; size++) {
      const line = encodeBoardLine(`{"t":"log","text":"${'x'.repeat(size)}"}`);
      const plainBytes = JSON.stringify({ t: 'log', text: 'x'.repeat(size) }).length + 2;
      if (line === null) {
        expect(plainBytes).toBeGreaterThanOrEqual(BOARD_LINE_BYTES);
        continue;
      }
      expect(line.length % 64).not.toBe(0);
      expect(line.length).toBeLessThanOrEqual(BOARD_LINE_BYTES);
      expect(feed(new LineReader(BOARD_LINE_BYTES), line).length).toBe(1);
    }
  });
  it.each(['', '{', '{}', '[]', '{"t":1}', '{"t":"a"', 'null', '"{}"', '{"t":"\ud800"}x', '{t}'])(
    'that are "%s" are none',
    (text) => {
      expect(parseFields(utf8(text))).toBeNull();
    },
  );
  it('with bytes that are no UTF-8 are none', () => {
    expect(parseFields(Uint8Array.from([...utf8('{"t":"'), 0xff, ...utf8('"}')]))).toBeNull();
  });
});

describe('lines to a board', () => {
  const request = { t: 'reboot', id: 7 };
  it('carry a checksum that an independent CRC confirms', () => {
    const text = Buffer.from(inner(encodeRequestLine(request, null, 0)!)).toString();
    const sum = crc16Ccitt(utf8('{"t":"reboot","id":7')).toString(16).padStart(4, '0');
    expect(text).toBe(`{"t":"reboot","id":7,"crc":"${sum}"}`);
  });
  it("carry a tag that Node's own crypto confirms", () => {
    const text = Buffer.from(inner(encodeRequestLine(request, SIGNER, 41)!)).toString();
    const key = Buffer.from(
      hkdfSync(
        'sha256',
        ADMIN_KEY,
        Buffer.alloc(0),
        Buffer.concat([Buffer.from('meshwright 1 console\0'), MAC]),
        32,
      ),
    );
    const signed = '{"t":"reboot","id":7,"n":41';
    const tag = createHmac('sha256', key).update(MAC).update(signed).digest().subarray(0, 12);
    expect(text.startsWith(`${signed},"tag":"${tag.toString('base64url')}","crc":"`)).toBe(true);
  });
  it('are parsed with their counter, and verified by the right key and MAC only', () => {
    const line = parseRequestLine(inner(encodeRequestLine(request, SIGNER, 41)!))!;
    expect([line.type, line.id, line.counter]).toEqual(['reboot', 7, 41]);
    expect(line.verify(SIGNER)).toBe(true);
    const otherMac = Uint8Array.from([0x24, 0x0a, 0xc4, 0, 0, 2]);
    for (const wrong of [
      new ConsoleSigner(v8Crypto, consoleKeyFor(v8Crypto, ADMIN_KEY, otherMac), otherMac),
      new ConsoleSigner(v8Crypto, consoleKeyFor(v8Crypto, ADMIN_KEY, MAC), otherMac),
      new ConsoleSigner(v8Crypto, consoleKeyFor(v8Crypto, new Uint8Array(32), MAC), MAC),
    ]) {
      expect(line.verify(wrong)).toBe(false);
    }
  });
  it('without a tag do not verify, whatever else they claim', () => {
    const forged = { ...request, n: 99, tag: 'AAAAAAAAAAAAAAAA', x: 1 };
    const line = parseRequestLine(inner(encodeRequestLine(forged, null, 0)!))!;
    expect(line.counter).toBe(-1);
    expect(line.verify(SIGNER)).toBe(false);
  });
  it('do not verify after any change that a stranger can make, with the checksum put right', () => {
    const text = Buffer.from(inner(encodeRequestLine(request, SIGNER, 41)!)).toString();
    const body = text.slice(0, text.lastIndexOf(',"crc"'));
    const reseal = (changed: string): Uint8Array =>
      utf8(`${changed},"crc":"${crc16Ccitt(utf8(changed)).toString(16).padStart(4, '0')}"}`);
    expect(parseRequestLine(reseal(body))!.verify(SIGNER)).toBe(true);
    for (let i = 0; i < body.length; i++) {
      for (const character of ['0', '9', 'A', '"', ' ']) {
        if (body[i] === character) continue;
        const line = parseRequestLine(reseal(body.slice(0, i) + character + body.slice(i + 1)));
        if (line !== null) expect(line.verify(SIGNER)).toBe(false);
      }
    }
    const signed = body.slice(0, body.indexOf(',"tag"'));
    const tag = body.slice(body.indexOf(',"tag"'));
    for (const changed of [`${signed},"id":8${tag}`, `${body},"id":8`, `${body},"t":"x"${tag}`]) {
      expect(parseRequestLine(reseal(changed))?.verify(SIGNER) ?? false).toBe(false);
    }
  });
  it('with any bit flipped are refused, or verify as nothing', () => {
    const whole = inner(encodeRequestLine(request, SIGNER, 41)!);
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const flipped = whole.slice();
      flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
      expect(parseRequestLine(flipped)?.verify(SIGNER) ?? false).toBe(false);
    }
  });
  it('cut short or followed by more are refused', () => {
    const whole = inner(encodeRequestLine(request, null, 0)!);
    for (let size = 0; size < whole.length; size++) {
      expect(parseRequestLine(whole.slice(0, size))).toBeNull();
    }
    expect(parseRequestLine(Uint8Array.from([...whole, 0x78]))).toBeNull();
  });
  it('may be typed by hand without a checksum, but not with a wrong one', () => {
    expect(parseRequestLine(utf8('{"t":"hello","id":1}'))!.type).toBe('hello');
    expect(parseRequestLine(utf8('{"t":"hello","id":1,"crc":"0000"}'))).toBeNull();
  });
  it.each([
    '{"t":"a"}',
    '{"id":1}',
    '{"t":"a","id":-1}',
    '{"t":"a","id":1.5}',
    '{"t":"a","id":"1"}',
  ])('like %s are none', (text) => {
    expect(parseRequestLine(utf8(text))).toBeNull();
  });
  it('longer than 200 bytes are not made', () => {
    const sized = (size: number): Uint8Array | null =>
      encodeRequestLine({ t: 'a', id: 1, data: 'x'.repeat(size) }, null, 0);
    const most = Array.from({ length: 220 }, (_, i) => i).findLast((size) => sized(size) !== null)!;
    expect(sized(most)!.length).toBe(HOST_LINE_BYTES);
    expect(sized(most + 1)).toBeNull();
  });
  it('never throw a parser, whatever they hold', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 220 }), fc.json({ maxDepth: 3 }), (noise, json) => {
        parseRequestLine(noise);
        parseRequestLine(utf8(json));
        parseRequestLine(utf8(`{"t":"a","id":1,"x":${json}}`));
      }),
    );
  });
  it('need a tag when they change something', () => {
    const free = ['hello', 'topology', 'stats', 'config.get', 'mps.payload', 'mps.close'];
    expect(free.map(needsTag)).toEqual(free.map(() => false));
    const guarded = ['reboot', 'mps.open', 'log.level', 'config.set', 'something new'];
    expect(guarded.map(needsTag)).toEqual(guarded.map(() => true));
  });
});
