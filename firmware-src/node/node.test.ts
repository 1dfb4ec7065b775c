import { beforeEach, describe, expect, it } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { MpsRegistrar } from '../mps/registrar.ts';
import { ConsoleSigner, encodeRequestLine, integerField, textField } from '../wire/request-line.ts';
import { decodeCredentials } from '../wire/credentials.ts';
import { toBase64Url } from '../std/base64url.ts';
import { fromBase64Url } from '../std/base64url-decode.ts';
import { HOST_PART_BYTES, PartJoiner, splitParts } from '../wire/parts.ts';
import { Node } from './node.ts';
import type { NodeOutput } from './setup.ts';
import { bytesOf, NETWORK_ID, SmallWorld, worldCredentials } from './small-world.ts';

const MAC = Uint8Array.of(0x24, 0x0a, 0xc4, 0, 0, 1);
type Frame = Record<string, unknown>;

class Bench {
  nowMs = 0;
  readonly others: NodeOutput[] = [];
  readonly frames: Frame[] = [];
  readonly sizes: number[] = [];
  readonly node: Node;
  readonly signer = new ConsoleSigner(crypto, bytesOf(32, 77), MAC);

  constructor(identity: boolean, credentials: Uint8Array | null, boot = 1) {
    this.node = new Node({
      mac: MAC,
      chip: 'esp32',
      runtime: '1.26.0',
      firmware: '0.1.0+test',
      reset: 'power-on',
      identity: identity
        ? { name: 'lamp', zone: 'hall', nodeKey: bytesOf(32, 1), setupKey: null, consoleKey: null }
        : null,
      credentials,
      boot,
      adminCounter: 10,
      deliveryCounter: 0,
      channel: 0,
      crypto,
    });
    this.node.start(0);
    this.drain();
  }

  drain(): void {
    for (;;) {
      const output = this.node.poll(this.nowMs);
      if (output === null) return;
      if (output.kind === 'line') {
        this.sizes.push(output.bytes.length);
        expect(output.bytes[0]).toBe(0x1e);
        expect(output.bytes.at(-1)).toBe(10);
        this.frames.push(JSON.parse(new TextDecoder().decode(output.bytes.slice(1))) as Frame);
      } else this.others.push(output);
    }
  }

  advance(ms: number): void {
    for (let i = 0; i < ms; i += 10) {
      this.nowMs += 10;
      this.node.tick(this.nowMs);
      this.drain();
    }
  }

  /** What the node answers to this request; undefined when it does not answer. */
  ask(fields: Frame, signer: ConsoleSigner | null = null, counter = 0): Frame | undefined {
    const before = this.frames.length;
    const line = encodeRequestLine(fields, signer, counter)!;
    this.node.receiveLine(line.slice(1, -1), this.nowMs);
    this.node.tick(this.nowMs);
    this.drain();
    const answers = this.frames.slice(before).filter((frame) => frame['t'] === 'answer');
    expect(answers.length).toBeLessThanOrEqual(1);
    return answers[0];
  }

  of(type: string): Frame[] {
    return this.frames.filter((frame) => frame['t'] === type);
  }
}

describe('a board without an identity', () => {
  it('says so every 5 s, answers hello, and stays off the air', () => {
    const bench = new Bench(false, null, 0);
    bench.advance(16_000);
    expect(bench.of('hello').map((frame) => frame['state'])).toEqual(Array(4).fill('blank'));
    expect(bench.ask({ t: 'hello', id: 3 })).toMatchObject({ id: 3, ok: true });
    expect(bench.ask({ t: 'mps.open', id: 4 })).toEqual({
      t: 'answer',
      id: 4,
      ok: false,
      error: 'no-identity',
    });
    expect(bench.others.filter((output) => output.kind !== 'led')).toEqual([]);
  });
});

describe('a board without credentials', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench(true, null);
  });

  it('says hello at once with everything the laptop needs to know', () => {
    expect(bench.frames[0]).toEqual({
      t: 'hello',
      protocol: 1,
      mac: '24:0a:c4:00:00:01',
      name: 'lamp',
      zone: 'hall',
      firmware: '0.1.0+test',
      runtime: '1.26.0',
      chip: 'esp32',
      state: 'keyless',
      uptime: 0,
      reset: 'power-on',
      window: 200,
    });
  });

  function provision(key: Uint8Array, storeOk = true): { outcome: string; bench: Bench } {
    const registrar = new MpsRegistrar({
      crypto,
      networkId: NETWORK_ID,
      mac: MAC,
      nodeKey: key,
      setupKey: null,
      credentials: worldCredentials(1, null),
    });
    let outcome = '';
    let id = 10;
    let seen = bench.frames.length;
    const joiner = new PartJoiner();
    registrar.open(bench.nowMs);
    expect(bench.ask({ t: 'mps.open', id: 9 })).toMatchObject({ ok: true });
    for (let turn = 0; turn < 6_000 && outcome === ''; turn += 1) {
      for (let output = registrar.poll(); output.kind !== 'wake'; output = registrar.poll()) {
        if (output.kind === 'send') {
          const parts = splitParts(output.bytes, HOST_PART_BYTES);
          parts.forEach((data, part) => {
            const fields = { t: 'mps.payload', id: (id += 1), data: toBase64Url(data) };
            bench.ask({ ...fields, part, parts: parts.length });
          });
        } else outcome = output.kind === 'failed' ? output.code : output.kind;
      }
      bench.advance(10);
      for (const wanted of bench.others.filter((output) => output.kind === 'credentials')) {
        bench.others.splice(bench.others.indexOf(wanted), 1);
        bench.node.stored(wanted.bytes, storeOk, bench.nowMs);
        bench.drain();
      }
      for (const frame of bench.frames.slice(seen)) {
        if (frame['t'] !== 'mps') continue;
        const whole = joiner.add(
          integerField(frame, 'part')!,
          integerField(frame, 'parts')!,
          fromBase64Url(textField(frame, 'data')!)!,
        );
        if (whole !== null) registrar.receive(whole, bench.nowMs);
      }
      seen = bench.frames.length;
      registrar.tick(bench.nowMs);
    }
    return { outcome, bench };
  }

  it('loads nothing for payloads and closings outside of a window', () => {
    const data = toBase64Url(bytesOf(16, 1));
    bench.ask({ t: 'mps.payload', id: 5, data, part: 0, parts: 1 });
    bench.ask({ t: 'mps.payload', id: 6 });
    bench.ask({ t: 'mps.close', id: 7 });
    expect(bench.of('answer').filter((frame) => frame['ok'] === true)).toHaveLength(3);
    expect(bench.node.joining!['session']).toBeNull();
    expect(bench.ask({ t: 'mps.open', id: 8 })).toMatchObject({ ok: true });
    expect(bench.node.joining!['session']).not.toBeNull();
  });

  it('joins through the console, stores the credentials once, and goes on the air on their channel', () => {
    expect(provision(bytesOf(32, 1)).outcome).toBe('done');
    expect(bench.node.state).toBe('joined');
    expect(bench.of('event').map((frame) => frame['event'])).toContain('mps-done');
    expect(bench.of('hello').at(-1)).toMatchObject({ state: 'joined' });
    expect(bench.others).toContainEqual({ kind: 'radio', channel: 6 });
    bench.advance(5_000);
    expect(bench.others.some((output) => output.kind === 'frame')).toBe(true);
  });

  it('stays keyless when the registrar has another key, and says why', () => {
    expect(provision(bytesOf(32, 2)).outcome).not.toBe('done');
    expect(bench.node.state).toBe('keyless');
    bench.advance(60_000);
    expect(bench.of('event').at(-1)).toMatchObject({ event: 'mps-failed', code: 'wrong-key' });
  });

  it('stays keyless when the credentials cannot be stored', () => {
    expect(provision(bytesOf(32, 1), false).outcome).not.toBe('done');
    expect(bench.node.state).toBe('keyless');
    expect(bench.of('log').at(-1)).toMatchObject({ level: 'error' });
  });
});

describe('a joined board', () => {
  let bench: Bench;
  beforeEach(() => {
    bench = new Bench(true, worldCredentials(1, null));
    bench.advance(5_000);
  });

  it('reports itself as root when it is alone', () => {
    expect(bench.of('node').at(-1)).toMatchObject({
      mac: '24:0a:c4:00:00:01',
      name: 'lamp',
      parent: null,
      root: '24:0a:c4:00:00:01',
      role: 'root',
      rssi: null,
      hops: 0,
    });
    expect(bench.of('event')).toContainEqual({
      t: 'event',
      event: 'root-elected',
      mac: '24:0a:c4:00:00:01',
    });
  });

  it('refuses what changes something without a tag, with a wrong tag, or with a counter used before', () => {
    const reboot = { t: 'reboot', id: 1 };
    expect(bench.ask(reboot)).toMatchObject({ ok: false, error: 'unauthorised' });
    const stranger = new ConsoleSigner(crypto, bytesOf(32, 78), MAC);
    expect(bench.ask({ ...reboot, id: 2 }, stranger, 50)).toMatchObject({ error: 'unauthorised' });
    expect(bench.ask({ ...reboot, id: 3 }, bench.signer, 10)).toMatchObject({
      error: 'stale-counter',
    });
    bench.advance(1_000);
    expect(bench.others.filter((output) => output.kind === 'reboot')).toEqual([]);
    expect(bench.ask({ ...reboot, id: 4 }, bench.signer, 11)).toMatchObject({ ok: true });
    expect(bench.others).toContainEqual({ kind: 'number', key: 'admin_n', value: 11 });
    bench.advance(1_000);
    expect(bench.others.filter((output) => output.kind === 'reboot')).toHaveLength(1);
    expect(bench.ask({ ...reboot, id: 5 }, bench.signer, 11)).toMatchObject({
      error: 'stale-counter',
    });
  });

  it('says which counter it took last, so that a laptop whose clock is behind goes on above it', () => {
    bench.ask({ t: 'log.level', id: 1, level: 'info' }, bench.signer, 1_795_000_000);
    expect(bench.ask({ t: 'config.get', id: 2, key: 'counter' })).toMatchObject({
      result: { key: 'counter', value: 1_795_000_000 },
    });
  });

  it('answers a repeated request with the same answer and does nothing twice', () => {
    const level = { t: 'log.level', id: 7, level: 'debug' };
    const first = bench.ask(level, bench.signer, 20);
    expect(first).toMatchObject({ ok: true });
    expect(bench.ask(level, bench.signer, 20)).toEqual(first);
    expect(bench.others.filter((output) => output.kind === 'number')).toHaveLength(1);
    expect(bench.ask({ t: 'config.get', id: 8, key: 'log.level' })).toMatchObject({
      result: { value: 'debug' },
    });
  });

  it('loses a hello that finds no memory, and nothing else', () => {
    const hello = bench.node.hello.bind(bench.node);
    let failed = 0;
    bench.node.hello = (): string => {
      failed += 1;
      throw new Error('memory allocation failed');
    };
    while (failed === 0) {
      bench.nowMs += 10;
      bench.node.tick(bench.nowMs);
      if (bench.nowMs > 20_000) throw new Error('no hello');
      try {
        bench.drain();
      } catch (error) {
        expect(String(error)).toContain('memory');
      }
    }
    bench.drain();
    bench.node.hello = hello;
    const before = bench.of('hello').length;
    bench.advance(9_900);
    expect([failed, bench.of('hello').length]).toEqual([1, before]);
    bench.advance(200);
    expect(bench.of('hello')).toHaveLength(before + 1);
  });

  describe('asked for another name by config.set', () => {
    const stored = (): Uint8Array[] =>
      bench.others.flatMap((output) => (output.kind === 'credentials' ? [output.bytes] : []));
    it('stores it with everything else as it was, answers then, and goes by it without a restart', () => {
      const asked = { t: 'config.set', id: 30, key: 'name', value: 'Küche-2' };
      expect(bench.ask(asked)).toMatchObject({ error: 'unauthorised' });
      expect(bench.ask({ ...asked, id: 31 }, bench.signer, 30)).toBeUndefined();
      expect(stored()).toHaveLength(1);
      const before = decodeCredentials(worldCredentials(1, null))!;
      expect(decodeCredentials(stored()[0]!)).toEqual({ ...before, name: 'Küche-2' });
      bench.node.stored(stored()[0]!, true, bench.nowMs);
      bench.drain();
      expect(bench.of('answer').at(-1)).toEqual({ t: 'answer', id: 31, ok: true, result: {} });
      expect(bench.of('hello').at(-1)).toMatchObject({ name: 'Küche-2', zone: 'hall' });
      expect(bench.ask({ t: 'config.get', id: 32, key: 'name' })).toMatchObject({
        result: { key: 'name', value: 'Küche-2' },
      });
      bench.ask({ t: 'config.set', id: 33, key: 'zone', value: 'loft' }, bench.signer, 31);
      expect(decodeCredentials(stored()[1]!)).toEqual({ ...before, name: 'Küche-2', zone: 'loft' });
    });
    it('says when it could not be stored, and stays what it was', () => {
      const asked = { t: 'config.set', id: 34, key: 'zone', value: 'loft' };
      expect(bench.ask(asked, bench.signer, 32)).toBeUndefined();
      bench.node.stored(stored()[0]!, false, bench.nowMs);
      bench.drain();
      expect(bench.of('answer').at(-1)).toMatchObject({ id: 34, error: 'not-stored' });
      expect(bench.node.zone).toBe('hall');
      expect(bench.ask({ ...asked, id: 35 }, bench.signer, 33)).toBeUndefined();
      expect(stored()).toHaveLength(2);
    });
    it('refuses what is no name, and one more while the first is not stored yet', () => {
      let counter = 40;
      const refused = (fields: Frame): unknown => {
        counter += 1;
        return bench.ask({ t: 'config.set', id: counter, ...fields }, bench.signer, counter)?.[
          'error'
        ];
      };
      expect(refused({ key: 'channel', value: '11' })).toBe('unknown-key');
      expect(refused({ key: 'name' })).toBe('bad-value');
      expect(refused({ key: 'name', value: '' })).toBe('bad-value');
      expect(refused({ key: 'name', value: 7 })).toBe('bad-value');
      expect(refused({ key: 'zone', value: 'ü'.repeat(17) })).toBe('bad-value');
      expect(stored()).toEqual([]);
      expect(refused({ key: 'zone', value: 'ü'.repeat(16) })).toBeUndefined();
      expect(refused({ key: 'name', value: 'other' })).toBe('busy');
      expect(stored()).toHaveLength(1);
    });
    it('refuses it while it has not joined', () => {
      const keyless = new Bench(true, null);
      expect(keyless.ask({ t: 'config.set', id: 1, key: 'name', value: 'other' })).toMatchObject({
        error: 'not-joined',
      });
    });
  });

  it('gives no secret to config.get and refuses unknown keys and requests in words', () => {
    expect(bench.ask({ t: 'config.get', id: 1, key: 'channel' })).toMatchObject({
      result: { key: 'channel', value: 6 },
    });
    for (const key of ['networkKey', 'node_key', 'creds', 'consoleKey', '']) {
      expect(bench.ask({ t: 'config.get', id: 2, key })).toMatchObject({ error: 'unknown-key' });
    }
    expect(bench.ask({ t: 'ota.begin', id: 3 }, bench.signer, 90)).toMatchObject({
      error: 'unknown-request',
    });
    const secret = (bytes: Uint8Array) => Buffer.from(bytes).toString('base64url').slice(0, 20);
    const credentials = decodeCredentials(worldCredentials(1, null))!;
    const said = JSON.stringify(bench.frames);
    expect(said).not.toContain(secret(credentials.networkKey));
    expect(said).not.toContain(secret(bytesOf(32, 1)));
  });

  it('ignores what is no request, and a request with a wrong checksum', () => {
    const before = bench.of('answer').length;
    const line = encodeRequestLine({ t: 'stats', id: 1 }, null, 0)!.slice(1, -1);
    line[8]! ^= 1;
    bench.node.receiveLine(line, bench.nowMs);
    bench.node.receiveLine(new TextEncoder().encode('{"t":"stats"}'), bench.nowMs);
    bench.node.receiveLine(new TextEncoder().encode('{{{{'), bench.nowMs);
    bench.drain();
    expect(bench.of('answer')).toHaveLength(before);
  });

  it('counts frames by cause in stats', () => {
    bench.node.receiveFrame('240ac4000002', -60, new Uint8Array(30).fill(0x13), bench.nowMs);
    expect(bench.ask({ t: 'stats', id: 1 })).toMatchObject({
      result: { rejected: { foreign: 1 }, rx: 0 },
    });
  });

  it('without a stored boot counter stays off the air and says why', () => {
    const broken = new Bench(true, worldCredentials(1, null), 0);
    broken.advance(10_000);
    expect(broken.others.filter((output) => output.kind === 'frame')).toEqual([]);
    expect(broken.of('log')[0]).toMatchObject({ level: 'error' });
  });

  it('with unreadable credentials is keyless and says why', () => {
    const broken = new Bench(true, new Uint8Array(40));
    expect(broken.node.state).toBe('keyless');
    expect(broken.of('log')[0]).toMatchObject({ level: 'error' });
  });
});

describe('the console of a mesh of 20', () => {
  it('reports all nodes in pages and no line over 512 bytes', () => {
    const world = new SmallWorld(crypto, Math.random);
    for (let i = 0; i < 20; i += 1) world.add();
    world.linkAll();
    world.advance(20_000);
    const board = world.boards[3]!;
    const seen = new Set<unknown>();
    for (let page = 0; page < 4; page += 1) {
      board.console.length = 0;
      const line = encodeRequestLine({ t: 'topology', id: page, page }, null, 0)!;
      board.node.receiveLine(line.slice(1, -1), world.nowMs);
      world.advance(50);
      const answer = board.console.find((frame) => frame['t'] === 'answer');
      expect(answer).toMatchObject({ ok: true, result: { page, pages: 4, count: 20 } });
      const asked = board.console.slice(0, board.console.indexOf(answer!));
      for (const frame of asked) if (frame['t'] === 'node') seen.add(frame['mac']);
      expect(Math.max(...board.console.map((frame) => JSON.stringify(frame).length))).toBeLessThan(
        512,
      );
    }
    expect(seen.size).toBe(20);
  });
});
