import { describe, expect, it, vi } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { TYPE_MOVE } from '../wire/air-frame.ts';
import { decodeCredentials } from '../wire/credentials.ts';
import { decodeMove, encodeMove } from '../wire/move.ts';
import { FrameGate } from './frame-gate.ts';
import { RouterAir } from './router-air.ts';
import { type Board, keyOf, SmallWorld, worldCredentials } from './small-world.ts';

vi.mock(import('../features.ts'), async (original) => ({
  ...(await original()),
  ROUTER: true,
}));

const ROUTER = { ssid: 'home', password: 'correct horse' };

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

/** Nodes in one room on channel 6 of their credentials, and a router that node i hears with signals[i]. */
class Bench {
  readonly world: SmallWorld;
  readonly air: RouterAir;
  /** Most stations at once that the router ever had. */
  mostStations = 0;

  constructor(signals: readonly (number | undefined)[], loss = 0, seed = 1) {
    this.world = new SmallWorld(crypto, randomFrom(seed));
    this.world.loss = loss;
    this.air = new RouterAir(this.world);
    for (const signal of signals) {
      this.world.add(worldCredentials(1, null, ROUTER));
      this.air.rssi.push(signal);
    }
    this.world.linkAll();
  }

  each = (): void => {
    this.air.step();
    this.mostStations = Math.max(this.mostStations, this.air.stations.size);
  };

  advance(ms: number): void {
    this.world.advance(ms, this.each);
  }

  until(done: () => boolean, limitMs: number): number {
    const start = this.world.nowMs;
    while (this.world.nowMs - start < limitMs) {
      if (done()) return this.world.nowMs - start;
      this.advance(10);
    }
    return done() ? this.world.nowMs - start : -1;
  }

  roots(): number[] {
    return this.world
      .live()
      .filter(({ tree }) => tree.isRoot())
      .map(({ index }) => index - 1);
  }

  /** Index of the only node that the router has, -1 for none or several. */
  holder(): number {
    const [first, ...others] = this.air.stations;
    return first === undefined || others.length > 0 ? -1 : first.index - 1;
  }

  isWhole(): boolean {
    const channels = new Set(this.world.live().map(({ channel }) => channel));
    return channels.size === 1 && this.world.isSettled();
  }

  /** One tree on the router's channel, whose root alone holds the router. */
  isServed(): boolean {
    return (
      this.isWhole() &&
      this.world.boards.every(({ alive, channel }) => !alive || channel === this.air.channel) &&
      this.holder() >= 0 &&
      this.roots()[0] === this.holder()
    );
  }

  events(board: Board): string[] {
    return board.console
      .filter((frame) => frame['t'] === 'event')
      .map((frame) => String(frame['event']));
  }
}

describe('an announced move', () => {
  it('survives the air, and cut, longer and senseless ones are refused', () => {
    const bytes = encodeMove(11, 3999, keyOf(3));
    expect(decodeMove(bytes)).toEqual({ channel: 11, inMs: 3999, root: keyOf(3) });
    for (let length = 0; length < bytes.length; length += 1)
      expect(decodeMove(bytes.subarray(0, length))).toBeNull();
    expect(decodeMove(new Uint8Array([...bytes, 0]))).toBeNull();
    expect(decodeMove(encodeMove(0, 1, keyOf(3)))).toBeNull();
    expect(decodeMove(encodeMove(14, 1, keyOf(3)))).toBeNull();
    expect(decodeMove(encodeMove(1, 1, ''))).toBeNull();
  });
});

describe('a network with a router', () => {
  it.each([0, 0.15])(
    'elects whoever hears the router best, at loss %d, and only that one joins',
    (loss) => {
      const bench = new Bench([-80, -70, -45, -60, undefined], loss);
      expect(bench.until(() => bench.isServed(), 30_000)).toBeGreaterThan(0);
      expect(bench.holder()).toBe(2);
      bench.advance(120_000);
      expect(bench.holder()).toBe(2);
      expect(bench.mostStations).toBe(1);
      expect(bench.air.scans).toBe(5);
      expect(bench.events(bench.world.boards[2]!)).toContain('router-joined');
    },
  );

  it('shows on every console who holds the router and how well', () => {
    const bench = new Bench([-80, -50, -70]);
    bench.until(() => bench.isServed(), 30_000);
    bench.advance(15_000);
    for (const board of bench.world.boards) {
      const shown = board.console.filter(({ t, router }) => t === 'node' && router !== undefined);
      expect(shown.at(-1)).toMatchObject({ role: 'root', router: -50 });
      expect(shown.at(-1)?.['mac']).toBe('24:0a:c4:00:00:02');
    }
  });

  it('works without one as any other, and takes one that is switched on later', () => {
    const bench = new Bench([-80, -50, -70]);
    bench.air.isOn = false;
    expect(bench.until(() => bench.isWhole(), 20_000)).toBeGreaterThan(0);
    bench.advance(120_000);
    expect(bench.isWhole()).toBe(true);
    bench.air.isOn = true;
    bench.air.channel = 11;
    expect(bench.until(() => bench.isServed() && bench.holder() === 1, 600_000)).toBeGreaterThan(0);
    expect(bench.air.overlaps).toBe(0);
  });

  it('stays one tree when the router goes, tells so, and joins again when it is back', () => {
    const bench = new Bench([-80, -50, -70, -65]);
    bench.until(() => bench.isServed(), 30_000);
    bench.advance(20_000);
    bench.air.isOn = false;
    let broken = 0;
    const end = bench.world.nowMs + 180_000;
    while (bench.world.nowMs < end) {
      bench.advance(100);
      if (!bench.world.isSettled()) broken += 100;
    }
    expect(broken).toBeLessThan(3000);
    expect(bench.events(bench.world.boards[1]!)).toEqual(
      expect.arrayContaining(['router-lost', 'router-gone']),
    );
    bench.air.isOn = true;
    expect(bench.until(() => bench.isServed(), 900_000)).toBeGreaterThan(0);
    expect(bench.air.overlaps).toBe(0);
  });

  it.each([0, 0.15])('goes with a router to another channel, all together, at loss %d', (loss) => {
    const bench = new Bench([-80, -50, -70, -65, undefined], loss);
    bench.until(() => bench.isServed(), 30_000);
    bench.advance(20_000);
    bench.air.channel = 1;
    expect(bench.until(() => bench.isServed(), 60_000)).toBeGreaterThan(0);
    expect(bench.holder()).toBe(1);
    bench.advance(70_000);
    expect(bench.world.boards.map(({ stored }) => stored.get('channel'))).toEqual([1, 1, 1, 1, 1]);
  });

  it('brings those that missed the announcement after the others, one alone and two together', () => {
    const bench = new Bench([-80, -50, undefined, undefined, undefined]);
    bench.until(() => bench.isServed(), 30_000);
    bench.advance(20_000);
    const { world } = bench;
    const levels = world.rssi.map((row) => [...row]);
    // Node 2 alone, and 3 with 4, hear nobody else for as long as the announcement lasts.
    for (const [a, b] of [
      [0, 2],
      [1, 2],
      [0, 3],
      [1, 3],
      [0, 4],
      [1, 4],
      [2, 3],
      [2, 4],
    ])
      world.unlink(a!, b!);
    bench.air.channel = 11;
    bench.until(() => world.boards[0]!.channel === 11, 60_000);
    // The other's next turn.
    bench.advance(100);
    expect(world.boards.map(({ channel }) => channel)).toEqual([11, 11, 6, 6, 6]);
    levels.forEach((row, a) => row.forEach((level, b) => (world.rssi[a]![b] = level)));
    expect(bench.until(() => bench.isServed(), 90_000)).toBeGreaterThan(0);
  });

  it('survives the root’s power cut in the middle of a move', () => {
    const bench = new Bench([-80, -50, -60, -70]);
    bench.until(() => bench.isServed(), 30_000);
    bench.advance(20_000);
    bench.air.channel = 11;
    bench.until(() => bench.world.boards[1]!.node.network!.channel!.isMoving(), 30_000);
    bench.advance(700);
    bench.world.kill(1);
    expect(bench.until(() => bench.isServed(), 90_000)).toBeGreaterThan(0);
    bench.world.restart(1);
    expect(bench.until(() => bench.isServed(), 60_000)).toBeGreaterThanOrEqual(0);
  });

  it('a board that hears no router finds the mesh on whatever channel it is', () => {
    const bench = new Bench([-60, -50, undefined]);
    bench.air.channel = 9;
    bench.world.kill(2);
    bench.until(() => bench.isServed(), 60_000);
    bench.world.restart(2);
    expect(bench.until(() => bench.isServed(), 40_000)).toBeGreaterThan(0);
  });

  it('keeps its root with a wrong password, tries rarely, and says why', () => {
    const bench = new Bench([-80, -50, -70]);
    bench.air.password = 'something else';
    bench.advance(600_000);
    expect(bench.isWhole()).toBe(true);
    expect(bench.roots()).toEqual([1]);
    expect(bench.air.joins).toBeLessThan(7);
    const root = bench.world.boards[1]!;
    expect(bench.events(root).filter((event) => event === 'root-elected')).toHaveLength(1);
    expect(bench.events(root)).toContain('router-refused');
    expect(JSON.stringify(root.console)).not.toContain(ROUTER.password);
    expect(JSON.stringify(root.console)).not.toContain('something else');
  });

  it('says when the router gives no address', () => {
    const bench = new Bench([-60, -50]);
    bench.air.hasAddresses = false;
    bench.advance(60_000);
    expect(bench.events(bench.world.boards[1]!)).toContain('router-no-address');
    expect(bench.isWhole()).toBe(true);
  });

  it('moves for nobody who only replays an announcement, or has not been heard to answer', () => {
    const bench = new Bench([-60, -50, -70]);
    const { world } = bench;
    bench.until(() => bench.isServed(), 30_000);
    bench.advance(10_000);
    world.record = [];
    bench.air.channel = 1;
    bench.until(() => bench.isServed(), 60_000);
    const moves = world.record.filter(({ bytes }) => bytes[1] === TYPE_MOVE);
    expect(moves.length).toBeGreaterThan(5);
    world.restart(2);
    for (const { from, bytes } of moves) world.inject(from, bytes);
    const gate = new FrameGate(
      crypto,
      keyOf(9),
      1,
      decodeCredentials(world.boards[0]!.credentials)!,
    );
    world.inject(keyOf(9), gate.seal(TYPE_MOVE, encodeMove(11, 500, bench.world.boards[1]!.key)));
    world.inject(keyOf(9), gate.seal(TYPE_MOVE, encodeMove(11, 500, keyOf(9))));
    for (let i = 0; i < 100; i += 1) {
      bench.advance(100);
      for (const { channel } of world.live()) expect(channel).not.toBe(11);
    }
    expect(bench.until(() => bench.isServed(), 20_000)).toBeGreaterThanOrEqual(0);
  });

  it('does not change its root while signals wobble, and does when another stays much better', () => {
    const bench = new Bench([-58, -55, -60]);
    bench.until(() => bench.isServed(), 30_000);
    for (let i = 0; i < 300; i += 1) {
      bench.advance(1000);
      for (const at of [0, 1, 2]) bench.air.rssi[at] = -57 + ((i * 7 + at * 5) % 11) - 5;
    }
    expect(bench.holder()).toBe(1);
    bench.air.rssi[1] = -80;
    expect(bench.until(() => bench.isServed() && bench.holder() === 0, 180_000)).toBeGreaterThan(0);
  });

  it('takes another node when the root dies, in the tree that is there', () => {
    const bench = new Bench([-60, -50, -70, -65]);
    bench.until(() => bench.isServed(), 30_000);
    bench.advance(20_000);
    bench.world.kill(1);
    expect(bench.until(() => bench.isServed(), 30_000)).toBeGreaterThan(0);
    expect(bench.holder()).toBe(0);
  });
});
