import { describe, expect, it } from 'vitest';
import { concatBytes } from '../../app/base/bytes.ts';
import { seededRandom } from '../../app/base/random.ts';
import { v8Crypto } from '../../app/keys/crypto.ts';
import type { Credentials } from '../wire/credentials.ts';
import { encodeCredentials } from '../wire/credentials.ts';
import { parseMessage, REFUSE, sealMessage, WINDOW_MS } from './messages.ts';
import type { Side } from './testing/pair.ts';
import {
  CREDENTIALS,
  ENCODED,
  filled,
  MAC,
  nodeOptions,
  NODE_KEY,
  Pair,
  registrarOptions,
  SETUP_KEY,
} from './testing/pair.ts';

const OTHER_KEY = filled(32, 0x33);
const refusals = (pair: Pair): number[] =>
  pair.sent.filter((sent) => sent.bytes[2] === REFUSE).map((sent) => sent.bytes[11]!);

describe('a wrong key', () => {
  it('is said on both sides, and nothing is committed', () => {
    const pair = new Pair({ registrars: [registrarOptions({ nodeKey: OTHER_KEY })] });
    pair.openAll().run();
    expect(pair.failed.get(0)).toEqual(['wrong-key']);
    expect(pair.failed.get('node')).toEqual(['wrong-key']);
    expect(pair.committed).toEqual([]);
    expect(pair.done.size).toBe(0);
  });
  it('is said by the node at once when its window is closed', () => {
    const pair = new Pair({ registrars: [registrarOptions({ nodeKey: OTHER_KEY })] });
    pair.openAll().run(1100);
    pair.node.close();
    pair.drain('node');
    expect(pair.failed.get('node')).toEqual(['wrong-key']);
  });
  it('is refused with the same bytes whatever is wrong about it: no oracle', () => {
    const answers = [
      registrarOptions({ nodeKey: OTHER_KEY }),
      registrarOptions({ nodeKey: NODE_KEY.map((byte, i) => (i === 31 ? byte ^ 1 : byte)) }),
      registrarOptions({ nodeKey: new Uint8Array(32) }),
    ].map((registrar) => {
      const pair = new Pair({ registrars: [registrar] });
      pair.openAll().run(1100);
      const refusal = pair.sent.find((sent) => sent.bytes[2] === REFUSE)!;
      return { size: refusal.bytes.length, code: refusal.bytes[11], atMs: refusal.atMs };
    });
    expect(answers).toEqual([answers[0], answers[0], answers[0]]);
  });
  it('costs an ever longer pause, over windows too, until a right one', () => {
    let guesses = 0;
    const pair = new Pair({ registrars: [registrarOptions({ nodeKey: OTHER_KEY })] });
    const refusedAtMs: number[] = [];
    pair.openNode();
    for (let i = 0; i < 40; i++) {
      if (!pair.registrars[0]!.isOpen()) pair.resetRegistrar(0, true);
      if (!pair.node.isOpen()) pair.openNode();
      pair.run(pair.nowMs + 1000);
    }
    for (const sent of pair.sent) {
      if (sent.from === 0 && sent.bytes[2] === 2) guesses++;
      if (sent.from === 'node' && sent.bytes[2] === REFUSE) refusedAtMs.push(sent.atMs);
    }
    const gaps = refusedAtMs.slice(1).map((atMs, i) => atMs - refusedAtMs[i]!);
    expect(gaps.length).toBeGreaterThanOrEqual(4);
    gaps.forEach((gap, i) => expect(gap).toBeGreaterThanOrEqual(1000 * 2 ** i));
    expect(guesses).toBeLessThan(10);
  });
  it('of one registrar does not keep another from joining the node', () => {
    const pair = new Pair({
      registrars: [registrarOptions({ nodeKey: OTHER_KEY }), registrarOptions()],
    });
    pair.openAll().run();
    expect(pair.failed.get(0)).toEqual(['wrong-key']);
    expect(pair.done.get(1)).toEqual(pair.done.get('node'));
    expect(pair.committed).toEqual([ENCODED]);
  });
  it('claimed by a node without the key gets it nothing, three times, then the window closes', () => {
    const pair = new Pair();
    pair.openRegistrar(0);
    const impostor = seededRandom(1);
    for (let i = 0; i < 200; i++) {
      const last = pair.sent.filter((sent) => sent.bytes[2] === 2).at(-1);
      if (i % 2 === 0 || !last) {
        const nonce = impostor.bytes(16);
        const start = concatBytes(
          new Uint8Array([0x4d, 1, 1]),
          nonce.slice(0, 4),
          new Uint8Array(4),
        );
        pair.inject(0, sealMessage(concatBytes(start, new Uint8Array([1, 1]), MAC, nonce)));
      } else {
        const marks = last.bytes.slice(3, 11);
        const confirm = concatBytes(new Uint8Array([0x4d, 1, 3]), marks, impostor.bytes(16));
        pair.inject(0, sealMessage(confirm));
      }
      pair.run(pair.nowMs + 200);
    }
    expect(pair.failed.get(0)).toEqual(['wrong-key']);
    expect(pair.sent.some((sent) => sent.bytes[2] === 4)).toBe(false);
    expect(refusals(pair).filter((code) => code === 1).length).toBe(3);
  });
});

describe('kinds of keys', () => {
  it('joins by the setup key when that is what both know, and says so in the proof', () => {
    const pair = new Pair({
      node: nodeOptions({ setupKey: SETUP_KEY }),
      registrars: [registrarOptions({ mac: null, nodeKey: null, setupKey: SETUP_KEY })],
    });
    pair.openAll().run();
    expect(pair.done.get(0)).toMatchObject({ keyKind: 2, mac: MAC });
    expect(pair.committed).toEqual([ENCODED]);
  });
  it('prefers the node key', () => {
    const pair = new Pair({
      node: nodeOptions({ setupKey: SETUP_KEY }),
      registrars: [registrarOptions({ setupKey: SETUP_KEY })],
    });
    expect(pair.openAll().run().done.get(0)).toMatchObject({ keyKind: 1 });
  });
  it('does not take the bytes of one kind for the other', () => {
    const pair = new Pair({
      node: nodeOptions({ nodeKey: null, setupKey: NODE_KEY }),
      registrars: [registrarOptions()],
    });
    pair.openAll().run();
    expect(pair.failed.get(0)).toEqual(['wrong-key']);
    expect(pair.failed.get('node')).toEqual(['wrong-key']);
  });
});

describe('two registrars at once', () => {
  it('end with the node joined to exactly one of them; the other knows that it did not', () => {
    for (let reorder = 0; reorder < 6; reorder++) {
      const pair = new Pair({
        registrars: [registrarOptions(), registrarOptions()],
        channel: (sent) => [
          { bytes: sent.bytes, delayMs: 10 + ((sent.index * 7 + reorder) % 5) * 9 },
        ],
      });
      pair.openAll().run();
      expect(pair.committed).toEqual([ENCODED]);
      const winner = pair.done.has(0) ? 0 : 1;
      expect(pair.done.get(winner)).toEqual(pair.done.get('node'));
      expect(pair.done.has(1 - winner)).toBe(false);
      expect(pair.failed.get(1 - winner)).toEqual(['busy']);
    }
  });
  it('let the second take over when the first dies in the middle', () => {
    const pair = new Pair({
      registrars: [registrarOptions(), registrarOptions()],
      channel: (sent) =>
        sent.from === 0 && sent.bytes[2] === 4
          ? []
          : [{ bytes: sent.bytes, delayMs: sent.from === 1 ? 30 : 10 }],
    });
    pair.openAll().run();
    expect(pair.failed.get(0)).toEqual(['timeout']);
    expect(pair.done.has(1)).toBe(false); // the first keeps answering, so the node stays with it
    expect(pair.committed).toEqual([]);
    const dead = new Pair({
      registrars: [registrarOptions(), registrarOptions()],
      channel: (sent) => [{ bytes: sent.bytes, delayMs: sent.from === 1 ? 30 : 10 }],
      afterStep: (each, step) => {
        if (step === 3) each.resetRegistrar(0, false);
      },
    });
    dead.openAll().run();
    expect(dead.done.get(1)).toEqual(dead.done.get('node'));
  });
});

describe('the window', () => {
  it('ends after 45 s without an answer, on both sides', () => {
    const pair = new Pair({ channel: () => [] });
    pair.openAll().run(1000 + WINDOW_MS - 1);
    expect(pair.failed.size).toBe(0);
    pair.run(1000 + WINDOW_MS);
    expect(pair.failed.get('node')).toEqual(['no-answer']);
    expect(pair.failed.get(0)).toEqual(['no-answer']);
    const before = pair.sent.length;
    pair.run(pair.nowMs + 100_000);
    expect(pair.sent.length).toBe(before);
  });
  it('shut means deaf: no message is answered before it opens or after it closes', () => {
    const script = new Pair().openAll().run().sent;
    const pair = new Pair();
    const feed = (): void => {
      for (const { from, bytes } of script) pair.inject(from === 'node' ? 0 : 'node', bytes);
      pair.run();
    };
    feed();
    pair.openAll().run(pair.nowMs + 200_000);
    const sentBefore = pair.sent.length;
    pair.done.clear();
    feed();
    expect(pair.sent.length).toBe(sentBefore);
    expect(pair.done.size).toBe(0);
    expect(pair.committed.length).toBe(1);
  });
  it('says "closed" when the driver closes it in the middle', () => {
    const pair = new Pair({ channel: () => [] }).openAll();
    pair.node.close();
    pair.registrars[0]!.close();
    pair.drain('node');
    pair.drain(0);
    expect(pair.failed).toEqual(
      new Map<Side, string[]>([
        ['node', ['closed']],
        [0, ['closed']],
      ]),
    );
  });
  it('open keeps answering repeated credentials with the same done', () => {
    const pair = new Pair().openAll().run(5000);
    const credentials = pair.sent.find((sent) => sent.bytes[2] === 4)!.bytes;
    const done = pair.sent.find((sent) => sent.bytes[2] === 5)!.bytes;
    pair.inject('node', credentials);
    pair.run(6000);
    expect(pair.sent.at(-1)!.bytes).toEqual(done);
    expect(pair.committed.length).toBe(1);
  });
});

describe('messages of strangers', () => {
  it('of an old run, replayed at any point to either side, change nothing', () => {
    const old = new Pair().openAll().run().sent;
    for (let at = 1; at <= 5; at++) {
      for (const replay of old) {
        const pair = new Pair({
          afterStep: (each, step) => {
            if (step === at) each.inject(replay.from === 'node' ? 0 : 'node', replay.bytes);
          },
        });
        pair.openAll().run();
        expect(pair.committed).toEqual([ENCODED]);
        expect(pair.done.get(0)).toEqual(pair.done.get('node'));
      }
    }
  });
  it('of an old run alone join nobody', () => {
    const old = new Pair().openAll().run().sent;
    const pair = new Pair({ channel: () => [] }).openAll();
    for (let round = 0; round < 5; round++) {
      for (const { from, bytes } of old) pair.inject(from === 'node' ? 0 : 'node', bytes);
      pair.run(pair.nowMs + 3000);
    }
    pair.run();
    expect(pair.committed).toEqual([]);
    expect(pair.done.size).toBe(0);
  });
  it('changed in any byte, with the checksum put right, never lead to a commit or a done', () => {
    for (let index = 1; index < 5; index++) {
      const size = new Pair().openAll().run().sent[index]!.bytes.length;
      for (let at = 11; at < size - 2; at++) {
        const pair = new Pair({
          channel: ({ bytes }) => {
            if (bytes[2] !== index + 1) return [{ bytes }];
            const content = bytes.slice(0, bytes.length - 2);
            content[at] = content[at]! ^ 0x41;
            return [{ bytes: sealMessage(content) }];
          },
        });
        pair.openAll().run();
        expect(pair.done.has(0)).toBe(false);
        if (index < 4) expect(pair.committed).toEqual([]);
      }
    }
  });
  it('of another board are not answered, and the registrar names the cause', () => {
    const pair = new Pair({ node: nodeOptions({ mac: filled(6, 1) }) });
    pair.openAll().run();
    expect(pair.sent.filter((sent) => sent.from === 0)).toEqual([]);
    expect(pair.failed.get(0)).toEqual(['wrong-board']);
  });
  it('of a newer version are answered with "version"', () => {
    const pair = new Pair({
      channel: ({ from, bytes }) => {
        if (from !== 'node') return [{ bytes }];
        const content = bytes.slice(0, bytes.length - 2);
        content[1] = 2;
        return [{ bytes: sealMessage(content) }];
      },
    });
    pair.openAll().run();
    expect(pair.failed.get('node')).toEqual(['version']);
    expect(pair.failed.get(0)).toEqual(['version']);
  });
  it('made of random bytes are ignored', () => {
    const random = seededRandom(5);
    const pair = new Pair({ channel: () => [] }).openAll();
    for (let i = 0; i < 2000; i++) {
      const bytes = random.bytes(random.int(80));
      if (bytes.length > 3) bytes.set([0x4d, 1, 1 + random.int(6)]);
      expect(parseMessage(bytes)).toBeNull();
      pair.inject('node', bytes);
      pair.inject(0, bytes);
    }
    pair.run();
    expect(pair.failed.get('node')).toEqual(['no-answer']);
  });
});

describe('credentials', () => {
  const other = (change: Partial<Credentials>): Uint8Array =>
    encodeCredentials({ ...CREDENTIALS, ...change });
  it.each([
    ['that are damaged', ENCODED.slice(0, 40)],
    ['for another network than the offer named', other({ networkId: filled(8, 0x77) })],
  ])('%s are refused on both sides', (_, credentials) => {
    const pair = new Pair({ registrars: [registrarOptions({ credentials })] });
    pair.openAll().run();
    expect(pair.committed).toEqual([]);
    expect(pair.failed.get('node')).toEqual(['bad-credentials']);
    expect(pair.failed.get(0)).toEqual(['bad-credentials']);
  });
  it('that cannot be stored fail on both sides, and the next run joins', () => {
    let works = false;
    const pair = new Pair({ canCommit: () => works });
    pair.openAll().run();
    expect(pair.failed.get('node')).toEqual(['commit-failed']);
    expect(pair.failed.get(0)).toEqual(['commit-failed']);
    works = true;
    pair.openAll().run();
    expect(pair.done.get(0)).toEqual(pair.done.get('node'));
  });
  it('are encrypted differently in every run', () => {
    const fourth = (): Uint8Array => new Pair().openAll().run().sent[3]!.bytes;
    expect(fourth().slice(11)).not.toEqual(fourth().slice(11));
    expect(v8Crypto.random(16)).not.toEqual(v8Crypto.random(16));
  });
});
