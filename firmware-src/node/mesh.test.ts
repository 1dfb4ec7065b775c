import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { encodeAdvert } from '../wire/advert.ts';
import { TYPE_ADVERT, TYPE_ASK } from '../wire/air-frame.ts';
import { ASK_PASS } from '../wire/ask.ts';
import { decodeCredentials } from '../wire/credentials.ts';
import { FrameGate } from './frame-gate.ts';
import { type Board, keyOf, SmallWorld, worldCredentials } from './small-world.ts';

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

function world(count: number, loss = 0, seed = 1): SmallWorld {
  const made = new SmallWorld(crypto, randomFrom(seed));
  made.loss = loss;
  for (let i = 0; i < count; i += 1) made.add();
  return made;
}

function chain(count: number, loss = 0): SmallWorld {
  const made = world(count, loss);
  for (let i = 1; i < count; i += 1) made.link(i - 1, i);
  return made;
}

/** A gate with the network's key that speaks as board `index`, as a thief of the key or a recorder would. */
function gateOf(board: Board, boot: number): FrameGate {
  return new FrameGate(crypto, board.key, boot, decodeCredentials(board.credentials)!);
}

function rejected(board: Board, cause: string): number {
  return board.node.network!.gate.rejected.get(cause) ?? 0;
}

/** Everything about the mesh that this board decides or shows. */
function stateOf(board: Board): string {
  const { root, parent, hops, rootEpoch } = board.tree;
  return JSON.stringify([root, parent, hops, rootEpoch, board.view()]);
}

describe('a mesh of nodes', () => {
  it.each([0, 0.15])('five nodes form one tree with one root within 20 s at loss %d', (loss) => {
    const five = world(5, loss);
    five.linkAll();
    expect(five.until(() => five.isSettled(), 20_000)).toBeGreaterThan(0);
    expect(five.until(() => five.viewsAreRight(), 5_000)).toBeGreaterThanOrEqual(0);
    expect(five.boards.filter((board) => board.tree.isRoot())).toHaveLength(1);
  });

  it.each([0, 0.15])('a new root stands within 10 s after the root died at loss %d', (loss) => {
    const five = world(5, loss);
    five.linkAll();
    five.advance(30_000);
    const old = five.boards.findIndex((board) => board.tree.isRoot());
    five.kill(old);
    expect(five.until(() => five.isSettled() && five.viewsAreRight(), 10_000)).toBeGreaterThan(0);
    expect(five.live().filter((board) => board.tree.isRoot())).toHaveLength(1);
  });

  it('a link of which half is lost is left for one that holds, though that is two hops further from the root', () => {
    const ten = world(10);
    for (let i = 1; i < 9; i += 1) ten.link(i - 1, i, -80);
    expect(
      ten.until(() => ten.live().filter((one) => one.tree.isPlaced()).length >= 9, 40_000),
    ).toBeGreaterThan(0);
    const root = ten.boards.findIndex((board) => board.tree.isRoot());
    const away = root > 4 ? -1 : 1;
    ten.link(9, root + away, -95);
    const [, near, , far] = [0, 1, 2, 3].map((hops) => ten.boards[root + away * hops]!.key);
    expect(ten.until(() => ten.boards[9]!.tree.parent === near, 40_000)).toBeGreaterThan(0);
    ten.link(9, root + away * 3, -75);
    expect(ten.until(() => ten.boards[9]!.tree.parent === far, 30_000)).toBeGreaterThan(0);
  });

  it('whoever hears the root well hangs below the root, however deep it began', () => {
    const four = chain(4);
    four.advance(20_000);
    expect(Math.max(...four.boards.map((board) => board.tree.hops))).toBeGreaterThan(1);
    four.linkAll();
    four.advance(20_000);
    expect(four.boards.map((board) => board.tree.hops).sort()).toEqual([0, 1, 1, 1]);
    const leaf = four.boards.findIndex((board) => !board.tree.isRoot());
    four.kill(leaf);
    four.advance(20_000);
    four.restart(leaf);
    four.advance(20_000);
    expect(four.boards.map((board) => board.tree.hops).sort()).toEqual([0, 1, 1, 1]);
  });

  it('a chain of six forms with hops 0 to 5, names known from end to end, and never a loop', () => {
    const six = chain(6);
    for (let i = 1; i < 6; i += 1) {
      six.rssi[i - 1]![i] = i === 1 ? -40 : -85;
      six.rssi[i]![i - 1] = i === 1 ? -40 : -85;
    }
    six.rssi[1]![0] = -40;
    six.rssi[0]![1] = -94;
    let loops = 0;
    const count = () => {
      if (six.hasLoop()) loops += 1;
    };
    six.advance(25_000, count);
    expect(six.boards.map((board) => board.tree.hops)).toEqual([0, 1, 2, 3, 4, 5]);
    const last = six.boards[5]!;
    expect(last.node.network!.nameOf(keyOf(1))).toBe('node 1');
    expect(six.viewsAreRight()).toBe(true);
    six.kill(2);
    six.advance(20_000, count);
    six.restart(2);
    six.advance(30_000, count);
    expect(loops).toBe(0);
    expect(six.isSettled() && six.viewsAreRight()).toBe(true);
  });

  it('a console that only listens sees every name of a small mesh; in a larger one it has to ask', () => {
    const small = world(6);
    small.linkAll();
    small.advance(20_000);
    const nodes = small.boards[0]!.console.filter((frame) => frame['t'] === 'node');
    const names = new Map(nodes.map((frame) => [frame['mac'], frame['name']]));
    expect([...names.values()].sort()).toEqual(
      Array.from({ length: 6 }, (_, i) => `node ${i + 1}`),
    );

    const large = world(20);
    large.linkAll();
    large.advance(20_000);
    const { names: held } = large.boards[0]!.node.network!;
    const known = (): number => large.boards.filter(({ key }) => held.find(key) !== null).length;
    expect(known()).toBeLessThan(20);
    held.listen(20_000);
    large.advance(20_000);
    expect(known()).toBe(20);
  });

  it('repeats unchanged nodes on the console in turn, in a settled mesh one in four seconds', () => {
    for (const nodes of [2, 4, 20]) {
      const mesh = world(nodes);
      mesh.linkAll();
      mesh.advance(60_000);
      const { console } = mesh.boards[0]!;
      const before = console.length;
      mesh.advance(100_000);
      const said = console.slice(before).filter((frame) => frame['t'] === 'node');
      expect(Math.abs(said.length - 25)).toBeLessThanOrEqual(1);
      expect(new Set(said.map((frame) => frame['mac'])).size).toBe(nodes);
    }
  });

  it('a dead node is gone from every view within 10 s, also five hops away', () => {
    const six = chain(6);
    six.advance(40_000);
    six.kill(5);
    expect(six.until(() => six.viewsAreRight(), 10_000)).toBeGreaterThan(0);
    const gone = six.boards[0]!.console.filter((frame) => frame['t'] === 'gone');
    expect(gone).toHaveLength(1);
    six.advance(120_000);
    expect(six.viewsAreRight()).toBe(true);
  });

  it('a settled node looks after its mesh once in two seconds, and ten times while a child is silent', () => {
    const three = chain(3);
    three.advance(60_000);
    const { mesh } = three.boards[1]!.node.network!;
    const looks = (ms: number): number => {
      const due = new Set<number>();
      for (const end = three.nowMs + ms; three.nowMs < end; three.advance(10)) {
        due.add(Math.floor(mesh.wakeAtMs() / 50));
      }
      return due.size;
    };
    // Adverts of its own are among them.
    expect(looks(10_000)).toBeLessThan(15);
    const leaf = three.boards.findIndex(({ tree }) => tree.parent === three.boards[1]!.key);
    three.kill(leaf);
    three.until(
      () => three.nowMs - mesh.table.get(three.boards[leaf]!.key)!.heardAtMs > 4200,
      9000,
    );
    expect(looks(1000)).toBeGreaterThanOrEqual(9);
  });

  it('two islands that meet end under one root', () => {
    const both = world(6);
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [3, 4],
      [4, 5],
    ] as const) {
      both.link(a, b);
    }
    both.advance(20_000);
    expect(both.islands()).toHaveLength(2);
    expect(both.isSettled()).toBe(true);
    both.link(2, 3, -70);
    expect(both.until(() => both.isSettled() && both.viewsAreRight(), 20_000)).toBeGreaterThan(0);
    expect(both.boards.filter((board) => board.tree.isRoot())).toHaveLength(1);
  });

  it('a node that restarts is taken in again at once, with boot counter up and sequence from 1', () => {
    const three = world(3);
    three.linkAll();
    three.advance(20_000);
    const leaf = three.boards.findIndex((board) => !board.tree.isRoot());
    three.restart(leaf);
    expect(three.until(() => three.isSettled() && three.viewsAreRight(), 2_000)).toBeGreaterThan(0);
    for (const board of three.boards) expect(rejected(board, 'replayed')).toBe(0);
  });

  it('a node that was held up blames nobody for a silence that was its own', () => {
    const room = world(5);
    room.linkAll();
    room.advance(30_000);
    const held = room.boards.find((board) => !board.tree.isRoot())!;
    const { parent } = held.tree;
    for (let i = 0; i < 20; i += 1) {
      held.alive = false;
      room.advance(5000);
      held.alive = true;
      room.advance(100);
      expect(held.tree.parent).toBe(parent);
      room.advance(20_000 + 190 * i);
      expect(held.tree.parent).toBe(parent);
    }
  });

  it('a node that starts beside the root hangs below it within three seconds, whoever answers first', () => {
    const room = world(8);
    room.linkAll();
    room.advance(30_000);
    const root = room.boards.findIndex((board) => board.tree.isRoot());
    const last = root === 7 ? 6 : 7;
    for (let i = 0; i < 8; i += 1) {
      room.kill(last);
      room.advance(12_000 + 370 * i);
      room.restart(last);
      room.advance(3000);
      expect(room.boards[last]!.tree.parent).toBe(room.boards[root]!.key);
    }
  });

  it('a node whose flash was written anew, with its boot counter lost, is taken in again within seconds', () => {
    for (const lost of ['root', 'leaf']) {
      const three = world(3);
      three.linkAll();
      for (let i = 0; i < 4; i += 1) three.restart(1);
      three.advance(20_000);
      const isRoot = lost === 'root';
      const index = three.boards.findIndex((board) => board.tree.isRoot() === isRoot);
      const board = three.boards[index]!;
      three.restart(index);
      three.advance(15_000);
      board.boot = 0;
      three.restart(index);
      expect(three.until(() => three.isSettled() && three.viewsAreRight(), 12_000)).toBeGreaterThan(
        0,
      );
      expect(board.node.network!.gate.boot).toBeGreaterThan(2);
    }
  });

  it('a recording makes its origin skip no counter', () => {
    const pair = world(2);
    pair.linkAll();
    pair.record = [];
    pair.advance(15_000);
    const [mine, other] = pair.boards as [Board, Board];
    const old = pair.record.filter((sent) => sent.from === other.key);
    for (const sent of old) pair.inject(other.key, sent.bytes);
    pair.advance(6_000);
    const told = pair.record.filter(
      (sent) => sent.from === mine.key && sent.bytes[1] === TYPE_ASK && sent.bytes[24] === ASK_PASS,
    );
    expect(told.length).toBeGreaterThan(0);
    expect(other.node.network!.gate.boot).toBe(1);
  });

  it('does not change its root or parents while nothing changes, at 10 % loss', () => {
    const ten = world(10, 0.1);
    ten.linkAll();
    ten.advance(40_000);
    const events = () =>
      ten.boards.flatMap((board) => board.console.filter((frame) => frame['t'] === 'event')).length;
    const before = events();
    ten.advance(300_000);
    expect(events()).toBe(before);
  });

  it('thirteen in a row believe in their root all the time, at 25 % loss', () => {
    const row = chain(13, 0.25);
    row.advance(30_000);
    row.boards.forEach((board) => (board.console.length = 0));
    row.advance(600_000);
    const said = row.boards.flatMap((board) => board.console.map((frame) => frame['event']));
    expect(said).not.toContain('root-silent');
  });

  it('a grid of 25 loses no more than three parents that live in half an hour, at 20 % loss', () => {
    const grid = world(25, 0.2);
    for (let i = 0; i < 25; i += 1) {
      if (i % 5 < 4) grid.link(i, i + 1);
      if (i < 20) grid.link(i, i + 5);
    }
    grid.advance(60_000);
    grid.boards.forEach((board) => (board.console.length = 0));
    grid.advance(1_800_000);
    const said = grid.boards.flatMap((board) => board.console.map((frame) => frame['event']));
    expect(said.filter((event) => event === 'parent-lost').length).toBeLessThan(4);
    expect(said).not.toContain('root-silent');
  }, 60_000);

  it('any layout with any kills ends with one root in each island, and loops never', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 9 }),
        fc.infiniteStream(fc.nat(99)),
        fc.integer({ min: 1, max: 1 << 20 }),
        fc.array(fc.record({ who: fc.nat(8), after: fc.integer({ min: 0, max: 20_000 }) }), {
          maxLength: 4,
        }),
        (count, dice, seed, faults) => {
          const any = world(count, (seed % 3) * 0.08, seed);
          for (let a = 0; a < count; a += 1) {
            for (let b = 0; b < a; b += 1) {
              const value = dice.next().value!;
              if (value < 45) any.link(a, b, -40 - value);
            }
          }
          const noLoop = () => {
            if (any.hasLoop()) throw new Error(`loop at ${any.nowMs} ms`);
          };
          any.advance(8_000, noLoop);
          for (const { who, after } of faults) {
            const index = who % count;
            if (any.boards[index]!.alive) any.kill(index);
            else any.restart(index);
            any.advance(after, noLoop);
          }
          let settled = -1;
          any.advance(45_000, () => {
            noLoop();
            if (settled < 0 && any.isSettled()) settled = any.nowMs;
          });
          expect(
            any.until(() => any.isSettled() && any.viewsAreRight(), 20_000),
          ).toBeGreaterThanOrEqual(0);
        },
      ),
      { numRuns: 25 },
    );
  }, 120_000);
});

describe('hostile frames', () => {
  function settledPair(): SmallWorld {
    const pair = world(2);
    pair.linkAll();
    pair.record = [];
    pair.advance(15_000);
    return pair;
  }

  function unchangedBy(made: SmallWorld, cause: string, from: string, frames: Uint8Array[]): void {
    const [first, second] = made.boards as [Board, Board];
    const before = [stateOf(first), stateOf(second)];
    const counted = rejected(first, cause);
    for (const bytes of frames) made.inject(from, bytes);
    expect([stateOf(first), stateOf(second)]).toEqual(before);
    expect(rejected(first, cause) - counted).toBe(frames.length);
    made.advance(6_000);
    expect([stateOf(first), stateOf(second)]).toEqual(before);
    const told = first.console.filter(
      (frame) => frame['event'] === 'frame-rejected' && frame['cause'] === cause,
    );
    expect(told.length).toBeGreaterThan(0);
  }

  /** A complete, truthful-looking advert of a third node that claims to be a better root. */
  function advertAs(made: SmallWorld, credentials: Uint8Array): Uint8Array {
    const liar = world(1);
    liar.boards[0]!.credentials = credentials;
    const advert = made.boards[0]!.node.network!.mesh.makeAdvert(1, 0);
    advert.base = -1;
    advert.isRoot = true;
    advert.lost = false;
    advert.parent = '';
    advert.root = keyOf(9);
    advert.rootScore = 60_000;
    const gate = new FrameGate(crypto, keyOf(9), 5, decodeCredentials(credentials)!);
    return gate.seal(TYPE_ADVERT, encodeAdvert(advert));
  }

  it('forged ones (no key, or one bit changed) change nothing and are counted', () => {
    const pair = settledPair();
    const forged = advertAs(pair, worldCredentials(1, null));
    const frames = [0, 3].flatMap((bit) =>
      [16, 23, 24, 30, forged.length - 1].map((at) => {
        const bytes = forged.slice();
        bytes[at]! ^= 1 << bit;
        return bytes;
      }),
    );
    unchangedBy(pair, 'forged', keyOf(9), frames);
  });

  it('replayed ones change nothing and are counted, also after their origin is long gone', () => {
    const pair = settledPair();
    const mine = pair.boards[0]!;
    const other = pair.boards[1]!;
    const old = pair.record!.filter((sent) => sent.from === other.key).map((sent) => sent.bytes);
    const count = rejected(mine, 'replayed');
    for (const bytes of old) pair.inject(other.key, bytes);
    expect(rejected(mine, 'replayed') - count).toBe(old.length);
    pair.kill(1);
    pair.advance(400_000);
    expect(mine.view()).toEqual([mine.key]);
    expect(mine.node.network!.mesh.table.rows.findKey(other.key)).toBe(-1);
    const before = stateOf(mine);
    for (const bytes of old) pair.inject(other.key, bytes);
    expect(stateOf(mine)).toBe(before);
    expect(rejected(mine, 'replayed') - count).toBe(2 * old.length);
  });

  it('a recording played to a node that has just started is not believed', () => {
    const pair = settledPair();
    const other = pair.boards[1]!;
    const old = pair.record!.filter((sent) => sent.from === other.key).map((sent) => sent.bytes);
    pair.kill(1);
    pair.restart(0);
    pair.advance(1_000);
    for (const bytes of old) {
      pair.inject(other.key, bytes);
      pair.advance(50);
    }
    pair.advance(10_000);
    expect(pair.boards[0]!.view()).toEqual([keyOf(1)]);
    expect(pair.boards[0]!.tree.isRoot()).toBe(true);
  });

  it('those of a foreign network change nothing and are counted', () => {
    const pair = settledPair();
    const bytes = advertAs(pair, worldCredentials(1, null));
    bytes[2] = 0x77;
    unchangedBy(pair, 'foreign', keyOf(9), [bytes]);
  });

  it('those of another key epoch change nothing and are counted', () => {
    const pair = settledPair();
    unchangedBy(pair, 'epoch', keyOf(9), [advertAs(pair, worldCredentials(2, null))]);
  });

  it('those whose radio is not their origin, or that name the receiver, change nothing and are counted', () => {
    const pair = settledPair();
    const gate = gateOf(pair.boards[0]!, 900);
    const mine = pair.boards[0]!;
    mine.node.receiveFrame(keyOf(1), -50, gate.seal(TYPE_ADVERT, new Uint8Array(40)), pair.nowMs);
    expect(rejected(mine, 'spoofed')).toBe(1);
    unchangedBy(pair, 'spoofed', keyOf(8), [advertAs(pair, worldCredentials(1, null))]);
  });

  it('bytes that are no frame at all change nothing and are counted', () => {
    const pair = settledPair();
    const junk = [new Uint8Array(0), new Uint8Array(23).fill(0x11), new Uint8Array(250).fill(0xff)];
    unchangedBy(pair, 'malformed', keyOf(9), junk);
  });

  it('a node on the next key epoch still hears the previous one, and not the other way round', () => {
    const pair = new SmallWorld(crypto, randomFrom(3));
    pair.add(worldCredentials(1, null));
    pair.add(worldCredentials(2, 1));
    pair.linkAll();
    pair.advance(10_000);
    expect(rejected(pair.boards[0]!, 'epoch')).toBeGreaterThan(0);
    expect(rejected(pair.boards[1]!, 'epoch')).toBe(0);
    expect(pair.boards[1]!.node.network!.gate.accepted).toBeGreaterThan(0);
  });
});
