/** Whether what must never be would be found: trees that are wrong, and firmwares that are wrong on purpose. */
import { describe, expect, it } from 'vitest';
import { firmwareJob } from '../../compiler/firmware.ts';
import { transpile } from '../../compiler/transpile.ts';
import { secretsOf } from '../fleet.ts';
import { readSources } from '../testing/firmware.ts';
import type { NodePlace } from '../trace.ts';
import { Program } from '../v8/program.ts';
import { allowedMs, formationMs, isSettled, LOOP_MS, wrongNow } from './invariants.ts';
import { row } from './layout.ts';
import type { Observer } from './observer.ts';
import { rehearse } from './rehearsal.ts';
import type { ScenarioEvent } from './scenario.ts';

type Says = [parent: string | null, root: string | null];

/** Nodes a, b, c ... that hear each other and say this of themselves. */
function group(says: Record<string, Says>): Observer[] {
  return Object.entries(says).map(([mac, [parent, root]]) => {
    const place: NodePlace = { parent, root, role: root === mac ? 'root' : 'node', hops: 1 };
    return { board: { mac, name: `node ${mac}` }, place } as unknown as Observer;
  });
}

function wrong(says: Record<string, Says>): string[] {
  const observers = group(says);
  const byMac = new Map(observers.map((one) => [one.board.mac, one]));
  return [...wrongNow([observers], byMac).values()].map(({ what, text }) => `${what}: ${text}`);
}

describe('a tree as its nodes tell it', () => {
  it('is right with one root and a way up from everywhere', () => {
    expect(wrong({ a: [null, 'a'], b: ['a', 'a'], c: ['b', 'a'] })).toEqual([]);
  });

  it('is wrong with a loop, of two or of many, told once and from its lowest member on', () => {
    expect(wrong({ a: [null, 'a'], b: ['c', 'a'], c: ['b', 'a'] })).toEqual([
      'loop: a loop in the tree: node b > node c',
    ]);
    expect(
      wrong({ a: ['b', 'x'], b: ['c', 'x'], c: ['d', 'x'], d: ['a', 'x'], e: ['a', 'x'] }),
    ).toEqual(['loop: a loop in the tree: node a > node b > node c > node d']);
  });

  it('is wrong with two roots among nodes that hear each other', () => {
    expect(wrong({ a: [null, 'a'], b: ['a', 'a'], c: [null, 'c'] })).toEqual([
      'two-roots: 2 roots among 3 connected nodes: node a, node c',
    ]);
  });

  it('is not settled while a way up ends at a node that is off, or at another root than is said', () => {
    const settled = (says: Record<string, Says>): boolean => {
      const observers = group(says);
      return isSettled([observers], new Map(observers.map((one) => [one.board.mac, one])));
    };
    expect(settled({ a: [null, 'a'], b: ['a', 'a'] })).toBe(true);
    expect(settled({ a: [null, 'a'], b: ['gone', 'a'] })).toBe(false);
    expect(settled({ a: [null, 'a'], b: ['a', 'z'] })).toBe(false);
  });

  it('may be wrong for the time of healing, meeting or forming, and no longer', () => {
    expect(allowedMs('loop', 400)).toBe(LOOP_MS);
    expect(allowedMs('two-roots', 10)).toBe(20_000);
    expect(allowedMs('two-roots', 400)).toBe(formationMs(400));
  });
});

type Sources = Record<string, string>;

/** The firmware with one line of it changed. */
function sabotage(sources: Sources, file: string, from: string, to: string): Sources {
  const text = sources[file]!;
  expect(text).toContain(from);
  return { ...sources, [file]: text.replace(from, to) };
}

/** Three nodes in a room; what was found. */
async function breaksOf(
  sources: Sources,
  events: ScenarioEvent[],
  seconds: number,
): Promise<string[]> {
  const job = firmwareJob(sources);
  const entry = job.entries[0]!;
  const program = new Program({ modules: transpile(job.sources, entry, job.features), entry });
  const scenario = { name: 'wrong', about: '', seconds, nodes: row(3, 12), events };
  const { breaks } = await rehearse(scenario, { firmware: { engine: 'v8', program }, seed: 1 });
  return [...new Set(breaks.map((one) => one.what))];
}

const GATE = 'node/frame-gate.ts';
const REQUESTS = 'node/requests.ts';
const FORGED: ScenarioEvent[] = [{ atMs: 9000, do: 'forge', node: 1, count: 200 }];
const ASKED: ScenarioEvent[] = [{ atMs: 8000, do: 'send', node: 1, request: 'config.get' }];
const REPLAYED: ScenarioEvent[] = [
  { atMs: 9000, do: 'kill', node: 2 },
  { atMs: 50_000, do: 'replay', node: 1, of: 2, count: 40 },
];

describe('a firmware that is wrong on purpose', () => {
  it('and looks at no tag follows an intruder, and is found out', async () => {
    const wrong = sabotage(
      readSources(),
      GATE,
      'if (!airTagMatches(',
      'if (header.boot < 0 && !airTagMatches(',
    );
    expect(await breaksOf(wrong, FORGED, 25)).toContain('forged');
  }, 60_000);

  it('and looks at no counter brings back the dead when they are replayed, and is found out', async () => {
    let wrong = sabotage(
      readSources(),
      GATE,
      'else if (!isNewer(header.boot,',
      'else if (header.boot < 0 && !isNewer(header.boot,',
    );
    wrong = sabotage(wrong, 'mesh/node-table.ts', 'if (this.replayed) return null;', '');
    expect(await breaksOf(wrong, REPLAYED, 58)).toContain('dead-shown');
  }, 60_000);

  it('and lets no root give way ends with several, and is found out', async () => {
    const wrong = sabotage(
      readSources(),
      'mesh/tree.ts',
      'return aScore > bScore || (aScore === bScore && aKey < bKey);',
      'return aScore < 0;',
    );
    const apart: ScenarioEvent[] = [
      { atMs: 0, do: 'partition', groups: [[0], [1, 2]] },
      { atMs: 12_000, do: 'partition', groups: [] },
    ];
    expect(await breaksOf(wrong, apart, 40)).toContain('two-roots');
  }, 60_000);

  it('and tells a key on its console is found out', async () => {
    let wrong = sabotage(
      readSources(),
      REQUESTS,
      'jsonText(toHex(credentials.networkId))',
      'jsonText(toHex(credentials.networkKey))',
    );
    wrong = sabotage(
      wrong,
      REQUESTS,
      "const key = textField(request.fields, 'key') ?? '';",
      "const key = 'network';",
    );
    expect(await breaksOf(wrong, ASKED, 10)).toContain('secret');
  }, 60_000);

  it('differs from the right one in that: nothing is found in the same worlds', async () => {
    expect(await breaksOf(readSources(), [...ASKED, ...FORGED], 25)).toEqual([]);
    expect(await breaksOf(readSources(), REPLAYED, 58)).toEqual([]);
  }, 60_000);
});

it('a member’s four keys are looked for in hex and in base64url', () => {
  const secrets = secretsOf({ mac: '24:0a:c4:00:00:10', name: 'a', zone: 'b' });
  expect(new Set(secrets).size).toBe(8);
  for (const secret of secrets) expect(secret).toMatch(/^([0-9a-f]{64}|[\w-]{43})$/);
});
