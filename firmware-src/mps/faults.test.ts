import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { seededRandom } from '../../app/base/random.ts';
import type { Channel, Pair as PairType } from './testing/pair.ts';
import { ENCODED, Pair } from './testing/pair.ts';

/** Joined or not joined, never in between. */
function expectClean(pair: PairType): void {
  for (const credentials of pair.committed) expect(credentials).toEqual(ENCODED);
  if (pair.done.has(0)) {
    expect(pair.committed.length).toBeGreaterThan(0);
    expect(pair.done.get(0)!.transcript.length).toBe(32);
  }
  if (pair.done.has('node')) expect(pair.committed.length).toBeGreaterThan(0);
  expect(pair.node.isOpen()).toBe(false);
  expect(pair.registrars[0]!.isOpen()).toBe(false);
}
function expectJoined(pair: PairType): void {
  expectClean(pair);
  expect(pair.committed.length).toBeGreaterThan(0);
  expect(pair.done.get(0)).toEqual(pair.done.get('node'));
  expect(pair.failed.size).toBe(0);
}

/** Applies a fault to the message of that number, and leaves the others alone. */
const only =
  (index: number, fault: (bytes: Uint8Array) => ReturnType<Channel>): Channel =>
  (sent) =>
    sent.index === index ? fault(sent.bytes) : [{ bytes: sent.bytes }];

const MESSAGES = [0, 1, 2, 3, 4];
const SIZES = new Pair()
  .openAll()
  .run()
  .sent.map((sent) => sent.bytes.length);

describe('a clean run', () => {
  it('takes five messages and ends joined on both sides with the same transcript', () => {
    const pair = new Pair().openAll().run(1500);
    expect(pair.sent.map((sent) => [sent.from, sent.bytes[2]])).toEqual([
      ['node', 1],
      [0, 2],
      ['node', 3],
      [0, 4],
      ['node', 5],
    ]);
    expect(pair.committed).toEqual([ENCODED]);
    expectJoined(pair.run());
  });
  it('works whichever side opens its window first', () => {
    const late = new Pair();
    late.openNode();
    late.run(late.nowMs + 5000);
    late.openRegistrar(0);
    expectJoined(late.run());
    const early = new Pair();
    early.openRegistrar(0);
    early.run(early.nowMs + 30_000);
    early.openNode();
    expectJoined(early.run());
  });
  it('carries nothing readable of the credentials', () => {
    const pair = new Pair().openAll().run();
    const seen = pair.sent.map((sent) => Buffer.from(sent.bytes).toString('latin1')).join('|');
    for (let at = 13; at + 8 <= ENCODED.length; at++) {
      expect(seen).not.toContain(Buffer.from(ENCODED.subarray(at, at + 8)).toString('latin1'));
    }
  });
});

describe.each(MESSAGES)('message %i of a run', (index) => {
  it('may be lost', () => {
    expectJoined(new Pair({ channel: only(index, () => []) }).openAll().run());
  });
  it('may be doubled, at once or later', () => {
    for (const delayMs of [10, 25, 900, 3000, 20_000]) {
      const channel = only(index, (bytes) => [{ bytes }, { bytes, delayMs }]);
      const pair = new Pair({ channel }).openAll().run();
      expectJoined(pair);
      expect(pair.committed.length).toBe(1);
    }
  });
  it('may be delayed behind its own repetitions and those of others', () => {
    for (const delayMs of [500, 1005, 1500, 3100, 9000, 20_000]) {
      const channel = only(index, (bytes) => [{ bytes, delayMs }]);
      expectJoined(new Pair({ channel }).openAll().run());
    }
  });
  it('may be cut short at any length, or have bytes behind it', () => {
    for (let size = 0; size < SIZES[index]!; size++) {
      const channel = only(index, (bytes) => [{ bytes: bytes.slice(0, size) }]);
      expectJoined(new Pair({ channel }).openAll().run());
    }
    const channel = only(index, (bytes) => [{ bytes: Uint8Array.from([...bytes, 0]) }]);
    expectJoined(new Pair({ channel }).openAll().run());
  });
  it('may have any single bit flipped', () => {
    for (let bit = 0; bit < SIZES[index]! * 8; bit++) {
      const channel = only(index, (bytes) => {
        const flipped = bytes.slice();
        flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
        return [{ bytes: flipped }];
      });
      expectJoined(new Pair({ channel }).openAll().run());
    }
  });
  it('may get lost for good: then both sides end, and a second run joins', () => {
    const type = index + 1;
    let broken = true;
    const channel: Channel = ({ bytes }) => (broken && bytes[2] === type ? [] : [{ bytes }]);
    const pair = new Pair({ channel }).openAll().run();
    expectClean(pair);
    expect(pair.done.has(0)).toBe(false);
    expect(pair.committed.length).toBe(type === 5 ? 1 : 0);
    broken = false;
    pair.failed.clear();
    pair.done.clear();
    expectJoined(pair.openAll().run());
  });
});

describe('a reset', () => {
  it.each(['node', 'registrar'] as const)(
    'of the %s at any point ends joined, when its window is opened again',
    (side) => {
      for (let at = 1; at <= 5; at++) {
        const pair = new Pair({
          afterStep: (each, step) => {
            if (step !== at) return;
            if (side === 'node') each.resetNode(true);
            else each.resetRegistrar(0, true);
          },
        });
        pair.openAll().run();
        expectClean(pair);
        // Reset right after its `done`: that side has nothing left to do, and says so or waits for the window's end.
        if (!pair.done.has(0)) pair.openAll().run();
        expect(pair.done.has(0)).toBe(true);
        expect(pair.committed.length).toBeGreaterThan(0);
      }
    },
  );
  it.each(['node', 'registrar'] as const)(
    'of the %s for good ends the other side within its window, and a second run joins',
    (side) => {
      for (let at = 1; at <= 5; at++) {
        const pair = new Pair({
          afterStep: (each, step) => {
            if (step !== at) return;
            if (side === 'node') each.resetNode(false);
            else each.resetRegistrar(0, false);
          },
        });
        pair.openAll().run();
        expectClean(pair);
        pair.failed.clear();
        pair.done.clear();
        pair.openAll().run();
        expectJoined(pair);
      }
    },
  );
  it('of both at random points under heavy loss never ends in between', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const random = seededRandom(seed);
        const channel: Channel = ({ bytes }) => {
          const kind = random.int(10);
          if (kind < 3) return [];
          if (kind === 3) return [{ bytes }, { bytes, delayMs: random.int(15_000) }];
          if (kind === 4) return [{ bytes, delayMs: random.int(5000) }];
          if (kind === 5) {
            const flipped = bytes.slice();
            const bit = random.int(bytes.length * 8);
            flipped[bit >> 3] = flipped[bit >> 3]! ^ (1 << (bit & 7));
            return [{ bytes: flipped }, { bytes: bytes.slice(0, random.int(bytes.length)) }];
          }
          return [{ bytes, delayMs: random.int(100) }];
        };
        const pair = new Pair({
          channel: (sent) => (sent.atMs < 60_000 ? channel(sent) : [{ bytes: sent.bytes }]),
          afterStep: (each) => {
            const kind = random.int(60);
            if (each.nowMs > 40_000) return;
            if (kind === 0) each.resetNode(true);
            if (kind === 1) each.resetRegistrar(0, true);
          },
        });
        pair.openAll().run(150_000);
        expectClean(pair);
        pair.failed.clear();
        pair.done.clear();
        expectJoined(pair.openAll().run());
      }),
      { numRuns: 300 },
    );
  });
});
