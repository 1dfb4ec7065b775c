import { describe, expect, it } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { SmallWorld } from '../node/small-world.ts';
import { NodeRecord } from './node-record.ts';

function heard(...samples: number[]): NodeRecord {
  const record = new NodeRecord('24000000aa02', 1, 0);
  for (const sample of samples) record.measure(sample);
  return record;
}

/** What is told after each of these samples, without repetitions. */
function told(samples: readonly number[]): number[] {
  const record = heard();
  const all: number[] = [];
  for (const sample of samples) {
    record.measure(sample);
    if (all.at(-1) !== record.rssiDbm) all.push(record.rssiDbm);
  }
  return all;
}

describe('the signal of a neighbour', () => {
  it('is that of its first frame, and follows a lasting change of 6 dB in seven frames to within 3, in thirty to within 1', () => {
    expect(heard(-70).rssiDbm).toBe(-70);
    const at = (more: number): number =>
      heard(-70, ...Array.from({ length: more }, () => -76)).rssiDbm;
    expect(at(7)).toBeLessThanOrEqual(-73);
    expect(at(30)).toBeLessThanOrEqual(-75);
  });

  it('stays the same while frames waver by 2 dB about it', () => {
    const wavering = Array.from(
      { length: 400 },
      (_, i) => -90 + [0, 2, -1, 1, -2, -1, 1, 0][i % 8]!,
    );
    expect(told(wavering)).toEqual([-90]);
  });

  it('does not flap where the mean lies between two whole numbers', () => {
    const between = Array.from({ length: 400 }, (_, i) => -90 - (i % 2));
    expect(told(between).length).toBeLessThanOrEqual(2);
  });
});

describe('a link', () => {
  it('is worth its weaker direction', () => {
    const record = heard(-60);
    expect(record.linkDbm).toBe(-60);
    record.heardAs(-91);
    expect(record.linkDbm).toBe(-91);
    expect(record.rssiDbm).toBe(-60);
    record.heardAs(-50);
    expect(record.linkDbm).toBe(-60);
  });

  it('to a parent that hardly hears us is not taken for good because we hear it well', () => {
    let state = 1;
    const random = (): number => {
      state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
      return state / 0x80000000;
    };
    const world = new SmallWorld(crypto, random);
    for (let i = 0; i < 5; i += 1) world.add();
    // A root with three near it, and a last one that hears 1 well, who hardly hears it; 2 and it hear each other less well than that.
    for (let a = 0; a < 4; a += 1) for (let b = 0; b < a; b += 1) world.link(a, b, -50);
    world.rssi[1]![4] = -65;
    world.rssi[4]![1] = -95;
    world.link(2, 4, -82);
    world.advance(60_000);
    const last = world.boards[4]!;
    expect(world.isSettled()).toBe(true);
    expect(last.tree.isRoot()).toBe(false);
    expect(last.tree.parent).toBe(world.boards[2]!.key);
  });
});
