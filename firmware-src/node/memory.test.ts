/** What a node does where a board has no memory for a part of its code: loading it throws, as any allocation may. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { encodeRequestLine } from '../wire/request-line.ts';
import { LinkAir } from './link-air.ts';
import { RouterAir } from './router-air.ts';
import { type Board, SmallWorld, worldCredentials } from './small-world.ts';

/** How often each part will find no room yet. */
const short = vi.hoisted(() => ({ requests: 0, links: 0, router: 0 }));

function unlessShort<Args extends unknown[], Result>(
  part: keyof typeof short,
  open: (...args: Args) => Result,
): (...args: Args) => Result {
  return (...args) => {
    if (short[part] === 0) return open(...args);
    short[part] -= 1;
    throw new Error('memory allocation failed, allocating 1234 bytes');
  };
}

vi.mock(import('../features.ts'), async (original) => ({
  ...(await original()),
  WIFI_TREE: true,
  ROUTER: true,
}));
vi.mock(import('./requests.ts'), async (original) => {
  const real = await original();
  return { ...real, openRequests: unlessShort('requests', real.openRequests) };
});
vi.mock(import('../mesh/links.ts'), async (original) => {
  const real = await original();
  return { ...real, openLinkMaker: unlessShort('links', real.openLinkMaker) };
});
vi.mock(import('../mesh/router.ts'), async (original) => {
  const real = await original();
  return { ...real, openRouter: unlessShort('router', real.openRouter) };
});

beforeEach(() => {
  Object.assign(short, { requests: 0, links: 0, router: 0 });
});

function worldOf(count: number, router: Parameters<typeof worldCredentials>[2] = null): SmallWorld {
  const world = new SmallWorld(crypto, () => 0.5);
  for (let i = 0; i < count; i += 1) world.add(worldCredentials(1, null, router));
  world.linkAll();
  return world;
}

function ask(world: SmallWorld, board: Board, id: number): void {
  const line = encodeRequestLine({ t: 'hello', id }, null, 0)!;
  board.node.receiveLine(line.slice(1, -1), world.nowMs);
}

const answers = (board: Board): unknown[] =>
  board.console
    .filter((line) => line['t'] === 'answer')
    .map(({ id, ok, error }) => [id, ok, ...(error === undefined ? [] : [error])]);

const events = (board: Board, name: string): number =>
  board.console.filter((line) => line['event'] === name).length;

describe('a request that finds no memory for the code that reads requests', () => {
  it('is answered when there is some a moment later', () => {
    const world = worldOf(1);
    const [board] = world.boards as [Board];
    short.requests = 1;
    ask(world, board, 7);
    world.advance(700);
    expect(answers(board)).toEqual([]);
    world.advance(300);
    expect(answers(board)).toEqual([[7, true]]);
    expect(events(board, 'no-memory')).toBe(0);
  });

  it('is answered no-memory under its id when there is none for longer, and the node goes on and answers the next one', () => {
    const world = worldOf(2);
    const [board] = world.boards as [Board];
    short.requests = 2;
    ask(world, board, 8);
    world.advance(1500);
    expect(answers(board)).toEqual([[8, false, 'no-memory']]);
    expect(events(board, 'no-memory')).toBe(1);
    expect(JSON.stringify(board.console)).toContain('allocating 1234 bytes');
    ask(world, board, 9);
    world.advance(100);
    expect(answers(board).slice(1)).toEqual([[9, true]]);
    world.advance(10_000);
    expect(world.isSettled()).toBe(true);
    expect(answers(board).length).toBe(2);
  });

  it('is refused at once while another one waits, and to garbage nothing is said', () => {
    const world = worldOf(1);
    const [board] = world.boards as [Board];
    short.requests = 1000;
    ask(world, board, 10);
    ask(world, board, 11);
    for (const garbage of ['', '"id":', '{"t":"hello","id":x}', '\xff\xfe'])
      board.node.receiveLine(
        Uint8Array.from(garbage, (one) => one.charCodeAt(0)),
        world.nowMs,
      );
    world.advance(100);
    expect(answers(board)).toEqual([[11, false, 'no-memory']]);
    world.advance(5000);
    expect(answers(board).slice(1)).toEqual([[10, false, 'no-memory']]);
  });
});

describe('a node without memory for the code of links', () => {
  it('says so, is in the tree without, and is linked once there is some', () => {
    short.links = 3;
    const world = worldOf(2);
    const air = new LinkAir(world, () => 0.5);
    const step = (): void => air.step();
    expect(world.boards.every(({ node }) => node.network!.links === null)).toBe(true);
    world.advance(14_000, step);
    expect(world.isSettled()).toBe(true);
    for (const board of world.boards) expect(events(board, 'links-no-memory')).toBe(1);
    world.advance(90_000, step);
    expect(world.isSettled()).toBe(true);
    const leaf = world.boards.find((board) => !board.tree.isRoot())!;
    expect(air.isLinked(leaf)).toBe(true);
    expect(short.links).toBe(0);
  });

  it('tries ever more rarely', () => {
    short.links = 1000;
    const world = worldOf(1);
    world.advance(3_600_000);
    const tries = 1000 - short.links;
    expect(tries).toBeGreaterThan(8);
    expect(tries).toBeLessThan(15);
  });
});

describe('a node without memory for its part for the router', () => {
  it('says so, is in the mesh, and joins the router once there is some', () => {
    short.router = 1;
    const world = worldOf(1, { ssid: 'home', password: 'correct horse' });
    const [board] = world.boards as [Board];
    const air = new RouterAir(world);
    air.rssi.push(-50);
    world.advance(20_000, () => air.step());
    expect(events(board, 'no-memory')).toBe(1);
    expect(board.tree.isRoot()).toBe(true);
    world.advance(70_000, () => air.step());
    expect(events(board, 'router-joined')).toBe(1);
  });
});
