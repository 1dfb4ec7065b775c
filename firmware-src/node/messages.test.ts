import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { TYPE_APP, TYPE_APP_TAKEN } from '../wire/air-frame.ts';
import { AppFrame, encodeAppFrame, encodeTaken, NEXT_EVERYONE } from '../wire/app-message.ts';
import { BROADCAST_KEY, keyToMac, tailOf } from '../wire/cells.ts';
import { decodeCredentials } from '../wire/credentials.ts';
import { ALL, Application, type Mesh, type Message, ROOT } from './application.ts';
import type { MessageRelay } from '../mesh/message-relay.ts';
import { FrameGate } from './frame-gate.ts';
import { Messages } from './messages.ts';
import { type Board, bytesOf, keyOf, SmallWorld, worldCredentials } from './small-world.ts';

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

class Recorder extends Application {
  readonly got: Message[] = [];
  readonly ended: [number, boolean][] = [];

  override process(message: Message): void {
    this.got.push(message);
  }

  override sent(number: number, arrived: boolean): void {
    this.ended.push([number, arrived]);
  }
}

class Messaging {
  readonly world: SmallWorld;
  readonly apps: Recorder[] = [];

  constructor(count: number, seed = 1, make: (mesh: Mesh) => Recorder = (m) => new Recorder(m)) {
    this.world = new SmallWorld(crypto, randomFrom(seed));
    for (let i = 0; i < count; i += 1) {
      this.world.add(worldCredentials(1, null), (mesh, index) => {
        this.apps[index - 1] = make(mesh);
        return this.apps[index - 1]!;
      });
    }
  }

  texts(index: number): string[] {
    return this.apps[index]!.got.map((message) => message.text);
  }

  board(index: number): Board {
    return this.world.boards[index]!;
  }
}

function chain(count: number, seed = 1): Messaging {
  const made = new Messaging(count, seed);
  for (let i = 1; i < count; i += 1) made.world.link(i - 1, i);
  made.world.advance(25_000);
  expect(made.world.isSettled() && made.world.viewsAreRight()).toBe(true);
  return made;
}

const macOf = (index: number): string => keyToMac(keyOf(index + 1));

describe('a message to one node', () => {
  it('crosses three hops in each direction once, with its sender named, within 60 ms', () => {
    const four = chain(4);
    for (const [from, to] of [
      [0, 3],
      [3, 0],
    ] as const) {
      const atMs = four.world.nowMs;
      expect(four.apps[from]!.mesh.send(macOf(to), 'grüße')).toMatchObject({ ok: true });
      four.world.until(() => four.apps[to]!.got.length > 0, 1000);
      expect(four.world.nowMs - atMs).toBeLessThanOrEqual(60);
      four.world.advance(5000);
      expect(four.texts(to)).toEqual(['grüße']);
      expect(four.apps[to]!.got[0]).toMatchObject({
        from: macOf(from),
        name: `node ${from + 1}`,
        zone: 'main',
        toAll: false,
      });
    }
    expect(four.apps[1]!.got).toEqual([]);
    expect(four.board(1).node.network!.relay.relayed).toBe(2);
    expect(four.board(1).node.network!.relay.dropped).toBe(0);
  });

  it('crosses the deepest tree from end to end, 22 hops up and 22 down, and so does its receipt', () => {
    const count = 45;
    const long = new Messaging(count, 1);
    // All in the chain are placed alike, so the lowest address is root: the first board, in the middle.
    const order = Array.from({ length: count }, (_, at) => (at === 22 ? 0 : at < 22 ? at + 1 : at));
    for (let at = 1; at < count; at += 1) long.world.link(order[at - 1]!, order[at]!);
    expect(
      long.world.until(() => long.world.isSettled() && long.world.viewsAreRight(), 120_000),
    ).toBeGreaterThan(0);
    const [first, last] = [order[0]!, order[count - 1]!];
    expect([first, last].map((one) => long.board(one).tree.hops)).toEqual([22, 22]);
    const result = long.apps[first]!.mesh.send(macOf(last), 'far', true);
    long.world.until(() => long.apps[first]!.ended.length > 0, 20_000);
    expect(long.texts(last)).toEqual(['far']);
    expect(long.apps[first]!.ended).toEqual([[result.ok ? result.number : -1, true]]);
    expect(long.world.boards.map(({ node }) => node.network!.relay.dropped)).not.toContain(1);
  }, 30_000);

  it('finds its way by name, to the root, and to the node itself', () => {
    const three = chain(3);
    const root = three.world.boards.findIndex((board) => board.tree.isRoot());
    expect(three.apps[0]!.mesh.send('node 3', 'by name').ok).toBe(true);
    for (const app of three.apps) expect(app.mesh.send(ROOT, 'up').ok).toBe(true);
    expect(three.apps[1]!.mesh.send(macOf(1), 'self').ok).toBe(true);
    three.world.advance(1000);
    expect(three.texts(2).filter((text) => text !== 'up')).toEqual(['by name']);
    expect(three.texts(root).filter((text) => text === 'up')).toHaveLength(3);
    expect(three.texts(1)).toContain('self');
  });

  it.each([1, 2, 3, 4, 5])(
    'arrives once over lossy links when an acknowledgement is asked for (seed %d)',
    (seed) => {
      const four = chain(4, seed);
      four.world.loss = 0.25;
      const numbers: number[] = [];
      for (let i = 0; i < 20; i += 1) {
        const result = four.apps[0]!.mesh.send(macOf(3), `message ${i}`, true);
        if (result.ok) numbers.push(result.number);
        four.world.advance(3000);
      }
      four.world.advance(12_000);
      const arrived = four.apps[0]!.ended.filter(([, ok]) => ok).map(([number]) => number);
      expect(numbers).toHaveLength(20);
      expect([...four.apps[0]!.ended].map(([number]) => number).sort()).toEqual(numbers.sort());
      expect(arrived.length).toBeGreaterThanOrEqual(19);
      const texts = four.texts(3);
      expect(new Set(texts).size).toBe(texts.length);
      expect(texts.length).toBeGreaterThanOrEqual(arrived.length);
    },
  );

  it('of 1500 bytes arrives whole in eight parts, also over lossy links', () => {
    const four = chain(4);
    four.world.loss = 0.1;
    const long = bytesOf(1500, 7);
    expect(four.apps[0]!.mesh.send(macOf(3), long, true).ok).toBe(true);
    four.world.advance(12_000);
    expect(four.apps[3]!.got.map((message) => message.bytes)).toEqual([long]);
    expect(four.apps[0]!.ended).toEqual([[expect.any(Number), true]]);
  });

  it('of 1500 bytes is in memory once while its parts are on their way', () => {
    const parts: Uint8Array[] = [];
    const relay = { hasRoom: () => true, originate: (frame: AppFrame) => parts.push(frame.bytes) };
    const messages = new Messages(keyOf(1), 1, relay as unknown as MessageRelay);
    const bytes = Uint8Array.from({ length: 1500 }, (_, i) => i % 251);
    expect(messages.send(keyOf(2), bytes, true, 0)).toBeGreaterThan(0);
    expect(parts.map((part) => part.length)).toEqual([...Array<number>(7).fill(205), 65]);
    for (const part of parts) expect(part.buffer).toBe(bytes.buffer);
    expect(parts.flatMap((part) => [...part])).toEqual([...bytes]);
  });

  it('that finds no memory in one piece is lost at that try, the node goes on, and the next try brings it', () => {
    const two = chain(2);
    const [near, far] = two.apps as [Recorder, Recorder];
    const result = near.mesh.send(macOf(1), bytesOf(1500, 9), true);
    if (!result.ok) throw new Error(result.code);
    let refused = 0;
    const Real = Uint8Array;
    // A heap in pieces: what is small finds room.
    vi.stubGlobal(
      'Uint8Array',
      new Proxy(Real, {
        construct(target, [size, ...rest]) {
          if (size > 1000) {
            refused += 1;
            throw new RangeError('memory allocation failed');
          }
          return Reflect.construct(target, [size, ...rest]) as object;
        },
      }),
    );
    try {
      two.world.advance(1000);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(refused).toBe(1);
    expect(far.got).toEqual([]);
    two.world.advance(3000);
    expect(far.got.map(({ bytes }) => bytes)).toEqual([bytesOf(1500, 9)]);
    expect(near.ended).toEqual([[result.number, true]]);
  });

  it('is not sent again and again to a neighbour that is slow to take it, and soon again to one that was slow', () => {
    const two = chain(2);
    const { node } = two.board(1);
    const late: { atMs: number; from: string; rssi: number; bytes: Uint8Array }[] = [];
    let delayMs = 350;
    const take = node.receiveFrame.bind(node);
    node.receiveFrame = (from, rssi, bytes, atMs) =>
      void late.push({ atMs: atMs + delayMs, from, rssi, bytes: bytes.slice() });
    const framesOf = (messages: number): number => {
      two.world.record = [];
      for (let i = 0; i < messages; i += 1) {
        two.apps[0]!.mesh.send(macOf(1), 'x'.repeat(100));
        for (let ms = 0; ms < 1500; ms += 10) {
          two.world.advance(10);
          const nowMs = two.world.nowMs - two.board(1).startedAtMs;
          while (late.length > 0 && late[0]!.atMs <= nowMs) {
            const { from, rssi, bytes } = late.shift()!;
            take(from, rssi, bytes, nowMs);
          }
        }
      }
      const own = two.world.record.filter(({ from }) => from === two.board(0).key);
      return own.filter(({ bytes }) => bytes[1] === TYPE_APP).length;
    };
    framesOf(8);
    expect(framesOf(5)).toBe(5);
    expect(two.apps[1]!.got).toHaveLength(13);
    delayMs = 0;
    framesOf(12);
    two.world.loss = 1;
    expect(framesOf(1)).toBeGreaterThan(3);
  });

  it('is found to be lost when its node died on the way, and the next one takes the way round', () => {
    const four = new Messaging(4);
    four.world.link(0, 1);
    four.world.link(1, 3);
    four.world.link(0, 2, -80);
    four.world.link(2, 3, -80);
    four.world.advance(25_000);
    const middle = [0, 1, 2, 3].find(
      (i) => i !== 0 && i !== 3 && four.board(3).tree.parent === keyOf(i + 1),
    );
    const used = middle ?? (four.board(0).tree.parent === keyOf(2) ? 1 : 2);
    four.world.kill(used);
    expect(four.apps[0]!.mesh.send(macOf(3), 'over a dead node', true).ok).toBe(true);
    four.world.advance(14_000);
    expect(four.texts(3)).toEqual(['over a dead node']);
    expect(four.apps[0]!.ended).toEqual([[expect.any(Number), true]]);
    four.world.kill(3);
    expect(four.apps[0]!.mesh.send(macOf(3), 'to a dead node', true).ok).toBe(true);
    four.world.advance(12_000);
    expect(four.apps[0]!.ended[1]).toEqual([expect.any(Number), false]);
    expect(four.apps[0]!.mesh.send(macOf(3), 'later')).toMatchObject({
      ok: false,
      code: 'unknown-node',
    });
  });

  it('is refused with a reason that says what to do', () => {
    const two = chain(2);
    const { mesh } = two.apps[0]!;
    const code = (to: string, content: string | Uint8Array): string => {
      const result = mesh.send(to, content);
      return result.ok ? '' : `${result.code}: ${result.text}`;
    };
    expect(code('nobody', 'x')).toBe('unknown-node: no present node has this address or name');
    expect(code('24:0a:c4:00:00:99', 'x')).toMatch(/^unknown-node/);
    expect(code(macOf(1), '')).toMatch(/^empty/);
    expect(code(macOf(1), bytesOf(1501, 0))).toMatch(/^too-long/);
    expect(code(macOf(1), bytesOf(1500, 0))).toBe('');
    expect(code(macOf(1), bytesOf(1500, 0))).toMatch(/^busy/);
    const alone = new Messaging(1);
    alone.world.advance(1000);
    expect(alone.apps[0]!.mesh.send(ROOT, 'x')).toMatchObject({ ok: false, code: 'no-root' });
  });
});

describe('a node without an application', () => {
  it('passes messages on, and gives no receipt for one to itself', () => {
    const world = new SmallWorld(crypto, randomFrom(1));
    const ends: Recorder[] = [];
    for (const carries of [true, false, true]) {
      world.add(
        worldCredentials(1, null),
        carries
          ? (mesh) => {
              ends.push(new Recorder(mesh));
              return ends.at(-1)!;
            }
          : null,
      );
    }
    world.link(0, 1);
    world.link(1, 2);
    world.advance(25_000);
    const [first, last] = [ends[0]!, ends[1]!];
    const network = world.boards[1]!.node.network!;
    expect([network.messages, world.boards[1]!.node.host]).toEqual([null, null]);
    expect(first.mesh.send(macOf(2), 'through', true).ok).toBe(true);
    last.mesh.send(ALL, 'to all');
    expect(first.mesh.send(macOf(1), 'to nobody', true).ok).toBe(true);
    world.advance(12_000);
    expect(last.got.map((message) => message.text)).toEqual(['through']);
    expect(first.got.map((message) => message.text)).toEqual(['to all']);
    expect(first.ended.map(([, arrived]) => arrived)).toEqual([true, false]);
    expect(network.relay.relayed).toBe(3);
  });
});

describe('a message to all', () => {
  it.each([0, 0.2])('reaches every other node once at loss %d', (loss) => {
    const seven = new Messaging(7, 3);
    for (const [a, b] of [
      [0, 1],
      [1, 2],
      [1, 3],
      [3, 4],
      [3, 5],
      [4, 5],
      [5, 6],
    ] as const)
      seven.world.link(a, b);
    seven.world.advance(25_000);
    seven.world.loss = loss;
    seven.apps[4]!.mesh.send(ALL, 'one for all');
    seven.world.advance(4000);
    seven.world.boards.forEach((_, i) =>
      expect(seven.texts(i)).toEqual(i === 4 ? [] : ['one for all']),
    );
  });

  it('goes out from each node of a crowded room with a few frames a node', () => {
    const ten = new Messaging(10);
    ten.world.linkAll();
    ten.world.advance(25_000);
    ten.world.record = [];
    ten.apps[2]!.mesh.send(ALL, 'x');
    ten.world.advance(2000);
    const frames = ten.world.record.filter(({ bytes }) => bytes[1] === TYPE_APP).length;
    const answers = ten.world.record.filter(({ bytes }) => bytes[1] === TYPE_APP_TAKEN).length;
    expect(ten.apps.map((app) => app.got.length)).toEqual([1, 1, 0, 1, 1, 1, 1, 1, 1, 1]);
    expect(frames).toBeLessThanOrEqual(3);
    expect(answers).toBeLessThanOrEqual(10);
  });
});

describe('what is on the air', () => {
  /** Everything about messages that a board has decided. */
  const stateOf = (made: Messaging, index: number): string => {
    const network = made.board(index).node.network!;
    return JSON.stringify([
      made.texts(index),
      made.apps[index]!.ended,
      network.relay.relayed,
      network.messages!.received,
      network.mesh.tree.parent,
    ]);
  };

  it('changes nothing when it is a recording, also under another MAC', () => {
    const three = chain(3);
    three.world.record = [];
    three.apps[0]!.mesh.send(macOf(2), 'once', true);
    three.apps[2]!.mesh.send(ALL, 'all');
    three.world.advance(2000);
    const recorded = three.world.record.filter(({ bytes }) => bytes[1]! >= TYPE_APP);
    expect(recorded.length).toBeGreaterThan(4);
    const before = [0, 1, 2].map((i) => stateOf(three, i));
    for (const { from, bytes } of recorded) {
      three.world.inject(from, bytes);
      three.world.inject(keyOf(9), bytes);
      for (let at = 0; at < bytes.length; at += 5) {
        const changed = bytes.slice();
        changed[at]! ^= 0x40;
        three.world.inject(from, changed);
      }
    }
    three.world.advance(3000);
    expect([0, 1, 2].map((i) => stateOf(three, i))).toEqual(before);
  });

  it('changes nothing when it comes with the right key from a stranger who never showed that it hears us', () => {
    const three = chain(3);
    const gate = new FrameGate(crypto, keyOf(9), 5, decodeCredentials(three.board(0).credentials)!);
    const frame = new AppFrame();
    frame.origin = keyOf(9);
    frame.destination = BROADCAST_KEY;
    frame.bytes = bytesOf(10, 0);
    const before = [0, 1, 2].map((i) => stateOf(three, i));
    three.world.inject(keyOf(9), gate.seal(TYPE_APP, encodeAppFrame(frame)));
    three.world.advance(1000);
    expect([0, 1, 2].map((i) => stateOf(three, i))).toEqual(before);
  });

  it('is counted as unreadable when it is authentic but no message, and delivers nothing', () => {
    const two = chain(2);
    const gate = new FrameGate(
      crypto,
      keyOf(2),
      0x7fff,
      decodeCredentials(two.board(1).credentials)!,
    );
    const before = two.apps[0]!.got.length;
    fc.assert(
      fc.property(
        fc.constantFrom(TYPE_APP, TYPE_APP_TAKEN),
        fc.uint8Array({ maxLength: 226 }),
        (type, payload) => {
          if (type === TYPE_APP && payload.length > 20) payload[20] = 0xf0;
          two.board(0).node.receiveFrame(keyOf(2), -50, gate.seal(type, payload), two.world.nowMs);
        },
      ),
      { numRuns: 400 },
    );
    two.world.advance(100);
    expect(two.apps[0]!.got.length).toBe(before);
    expect(two.board(0).node.network!.gate.rejected.get('unreadable')).toBeGreaterThan(100);
  });

  it('never grows what a node keeps, whatever a holder of the key sends', () => {
    const two = chain(2);
    const { node } = two.board(0);
    const gate = new FrameGate(
      crypto,
      keyOf(2),
      0x7fff,
      decodeCredentials(two.board(1).credentials)!,
    );
    for (let i = 0; i < 500; i += 1) {
      const frame = new AppFrame();
      frame.origin = keyOf(100 + (i % 50));
      frame.number = i;
      frame.parts = 1 + (i % 8);
      frame.destination = i % 3 === 0 ? BROADCAST_KEY : i % 3 === 1 ? keyOf(1) : keyOf(77);
      frame.nextTail = i % 3 === 0 ? NEXT_EVERYONE : tailOf(keyOf(1));
      frame.bytes = bytesOf(frame.parts === 1 ? 9 : 205, i);
      node.receiveFrame(keyOf(2), -50, gate.seal(TYPE_APP, encodeAppFrame(frame)), two.world.nowMs);
      const taken = gate.seal(TYPE_APP_TAKEN, encodeTaken([frame]));
      node.receiveFrame(keyOf(2), -50, taken, two.world.nowMs);
    }
    const lists = (of: object): number[] =>
      Object.values(of)
        .filter((value) => Array.isArray(value))
        .map((value) => (value as unknown[]).length);
    const network = node.network!;
    expect(Math.max(...lists(network.relay), ...lists(network.messages!))).toBeLessThanOrEqual(64);
    two.world.advance(5000);
    expect(network.relay.hasRoom(12)).toBe(true);
  });
});

describe('an application', () => {
  class Broken extends Recorder {
    readonly text = 'not a number';
    override process(message: Message): void {
      if (message.text === 'die') throw new RangeError('as asked');
      super.process(message);
    }
  }

  it('that throws does not stop its node, is counted and named, and is stopped after five in a minute', () => {
    const two = new Messaging(2, 1, (mesh) => new Broken(mesh));
    two.world.link(0, 1);
    two.world.advance(25_000);
    for (let i = 0; i < 4; i += 1) {
      two.apps[0]!.mesh.send(macOf(1), 'die');
      two.world.advance(200);
    }
    two.apps[0]!.mesh.send(macOf(1), 'alive');
    two.world.advance(200);
    expect(two.texts(1)).toEqual(['alive']);
    two.apps[0]!.mesh.send(macOf(1), 'die');
    two.world.advance(200);
    two.apps[0]!.mesh.send(macOf(1), 'too late');
    two.world.advance(5000);
    expect(two.texts(1)).toEqual(['alive']);
    const events = two.board(1).console.filter((frame) => frame['t'] === 'event');
    expect(events.filter((frame) => frame['event'] === 'app-failed').at(-1)).toMatchObject({
      text: 'process: RangeError: as asked',
      count: 5,
    });
    expect(events.find((frame) => frame['event'] === 'app-stopped')).toMatchObject({
      text: '5 failures within a minute',
    });
    expect(JSON.parse(two.board(1).node.host!.stats())).toMatchObject({
      state: 'stopped',
      failures: 5,
    });
    expect(two.world.isSettled() && two.world.viewsAreRight()).toBe(true);
  });

  it('that fails at its start is stopped at once with the reason', () => {
    const world = new SmallWorld(crypto, randomFrom(1));
    const board = world.add(worldCredentials(1, null), () => {
      throw new Error('no sensor');
    });
    world.advance(10_000);
    expect(JSON.parse(board.node.host!.stats())).toMatchObject({
      state: 'stopped',
      reason: 'failed at its start',
      lastError: 'start: Error: no sensor',
    });
    expect(board.tree.isRoot()).toBe(true);
  });

  it('that is slow is reported with the longest call', () => {
    const one = new Messaging(1);
    one.world.advance(100);
    const { host } = one.board(0).node;
    host!.run(200);
    host!.took(130);
    host!.run(300);
    host!.took(120);
    expect(JSON.parse(host!.stats())).toMatchObject({ longestMs: 130 });
    one.world.advance(100);
    const slow = one.board(0).console.filter((frame) => frame['event'] === 'app-slow');
    expect(slow).toMatchObject([{ text: 'tick', ms: 130 }]);
  });

  it('sees its node, the others and the tree', () => {
    const three = chain(3);
    const { mesh } = three.apps[1]!;
    expect(mesh).toMatchObject({ id: macOf(1), name: 'node 2', zone: 'main' });
    const root = three.world.boards.find((board) => board.tree.isRoot())!;
    expect(mesh.root).toBe(keyToMac(root.key));
    expect(
      mesh
        .nodes()
        .map(({ id, name }) => [id, name])
        .sort(),
    ).toEqual([
      [macOf(0), 'node 1'],
      [macOf(2), 'node 3'],
    ]);
  });
});
