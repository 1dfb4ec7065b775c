import { expect, it, vi } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { RouterAir } from './router-air.ts';
import { SmallWorld, worldCredentials } from './small-world.ts';

vi.mock(import('../features.ts'), async (original) => ({ ...(await original()), ROUTER: true }));

function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

const RUNS = 12;
/** Three scans of a root, or the slowest pace of the others. */
const SERVED_MS = 1_200_000;

it.each(Array.from({ length: RUNS }, (_, i) => i + 1))(
  'ends as one tree on the router’s channel whatever happened before, run %d',
  (seed) => {
    const random = randomFrom(seed * 7919);
    for (let i = 0; i < 5; i += 1) random();
    const below = (limit: number): number => Math.floor(random() * limit);
    const world = new SmallWorld(crypto, random);
    world.loss = below(3) * 0.06;
    const air = new RouterAir(world);
    air.channel = 1 + below(13);
    const count = 2 + below(6);
    for (let i = 0; i < count; i += 1) {
      world.add(worldCredentials(1, null, { ssid: 'home', password: air.password }));
      air.rssi.push(below(3) === 0 ? undefined : -45 - below(45));
    }
    air.rssi[below(count)] = -50;
    world.linkAll();
    let most = 0;
    const each = (): void => {
      air.step();
      most = Math.max(most, air.stations.size);
    };
    for (let event = 0; event < 6; event += 1) {
      const node = below(count);
      switch (below(4)) {
        case 0:
          air.isOn = !air.isOn;
          break;
        case 1:
          air.channel = 1 + below(13);
          break;
        case 2:
          if (world.boards[node]!.alive) world.kill(node);
          else world.restart(node);
          break;
        default:
          air.rssi[node] = below(4) === 0 ? undefined : -45 - below(45);
      }
      world.advance(below(60_000), each);
    }
    air.isOn = true;
    world.boards.forEach(({ alive }, i) => alive || world.restart(i));
    air.rssi[0] = -50;
    const served = (): boolean => {
      const [station, ...others] = air.stations;
      return (
        world.isSettled() &&
        others.length === 0 &&
        station?.tree.isRoot() === true &&
        world.boards.every(({ channel }) => channel === air.channel)
      );
    };
    const start = world.nowMs;
    while (!served() && world.nowMs - start < SERVED_MS) world.advance(50, each);
    expect(served(), `channels ${world.boards.map(({ channel }) => channel).join()}`).toBe(true);
    world.advance(120_000, each);
    // Where frames are lost, a view may be behind for a moment.
    const whole = (): boolean => world.isSettled() && world.viewsAreRight();
    for (let i = 0; i < 100 && !whole(); i += 1) world.advance(50, each);
    expect(whole()).toBe(true);
    expect(most).toBeLessThan(3);
  },
);
