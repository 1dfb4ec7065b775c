import { describe, expect, it } from 'vitest';
import { fromUtf8 } from '../base/bytes.ts';
import { FleetFlash, macOf } from './fleet.ts';
import { inV8 } from './testing/firmware.ts';
import { createWorld } from './world.ts';

/** TIMING_CLASSIC of firmware-src/mesh/profile.ts. */
const CLASSIC = 1;

describe('the classic timing on virtual boards', () => {
  it('forms after 29 s of listening, and heals when the root is switched off', async () => {
    const firmware = inV8();
    const world = createWorld({ clock: 'virtual', seed: 1, bootMs: 500 });
    const flash = new FleetFlash(firmware);
    const parents: Map<string, string>[] = [];
    const boards = [0, 1, 2, 3].map((i) => {
      const member = { mac: macOf(i), name: `node ${i}`, zone: 'hall', timing: CLASSIC };
      const program = firmware.engine === 'v8' ? firmware.program : undefined;
      const board = world.addBoard({
        chip: 'esp32',
        mac: member.mac,
        x: 8 * i,
        y: 0,
        ...(program ? { program } : {}),
      });
      flash.load(board.flash, member);
      const seen = new Map<string, string>();
      parents.push(seen);
      let line = '';
      board.onConsole = (bytes) => {
        line += fromUtf8(bytes);
        for (let end = line.indexOf('\n'); end >= 0; end = line.indexOf('\n')) {
          const text = line.slice(0, end).trim();
          line = line.slice(end + 1);
          if (!text.startsWith('\x1e')) continue;
          const frame = JSON.parse(text.slice(1)) as Record<string, unknown>;
          if (frame['t'] === 'node') seen.set(String(frame['mac']), String(frame['root']));
          if (frame['t'] === 'gone') seen.delete(String(frame['mac']));
        }
      };
      board.powerOn();
      return board;
    });
    const rootsOf = (alive: readonly number[]): string[] => [
      ...new Set(alive.flatMap((i) => alive.map((j) => parents[i]!.get(macOf(j)) ?? 'nobody'))),
    ];
    await world.advance(28_000);
    expect(rootsOf([0, 1, 2, 3]).filter((root) => root !== 'null' && root !== 'nobody')).toEqual(
      [],
    );
    await world.advance(25_000);
    const [root, ...others] = rootsOf([0, 1, 2, 3]);
    expect(others).toEqual([]);
    const dead = boards.findIndex((board) => board.mac === root);
    expect(dead).toBeGreaterThanOrEqual(0);
    boards[dead]!.powerOff();
    await world.advance(90_000);
    const left = [0, 1, 2, 3].filter((i) => i !== dead);
    const [next, ...more] = rootsOf(left);
    expect(more).toEqual([]);
    expect(next).not.toBe(root);
    expect(left.map((i) => macOf(i))).toContain(next);
  }, 120_000);
});
