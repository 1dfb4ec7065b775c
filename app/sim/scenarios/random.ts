/** Scenarios made up from a seed, and the making smaller of one that fails. */
import { seededRandom } from '../../base/random.ts';
import type { SeededRandom } from '../../base/random.ts';
import { field } from './layout.ts';
import { nodesOf } from './scenario.ts';
import type { Scenario, ScenarioEvent } from './scenario.ts';

const FIRST_EVENT_MS = 8000;
const EVENT_GAP_MS = 6000;
/** For what comes after the last event. */
const REST_SECONDS = 25;

/** In the middle of the smaller layouts. */
const ROUTER = { ssid: 'home', password: 'correct horse', x: 20, y: 20 };

/** From a room to a field where each node hears its nearest ones only. */
const GAPS_M = [10, 60, 120, 180];

export function randomScenario(seed: number, mostNodes = 8, mostEvents = 5): Scenario {
  const random = seededRandom(seed ^ 0x5eed5eed);
  const count = 3 + random.int(Math.max(1, mostNodes - 2));
  const nodes = field(count, GAPS_M[random.int(GAPS_M.length)]!, seed);
  const events: ScenarioEvent[] = [];
  const routers = random.int(3) === 0 ? [{ ...ROUTER, channel: 1 + random.int(13) }] : [];
  const place = { count, widthM: 300, heightM: 300, routers: routers.length };
  const total = 1 + random.int(mostEvents);
  let atMs = FIRST_EVENT_MS;
  for (let i = 0; i < total; i++) {
    atMs += random.int(EVENT_GAP_MS);
    events.push(...randomEvents(random, atMs, place));
  }
  return {
    name: `random-${seed}`,
    about: `made up from seed ${seed}`,
    seconds: Math.ceil(atMs / 1000) + REST_SECONDS,
    nodes,
    ...(routers.length > 0 ? { routers } : {}),
    events: events.sort((a, b) => a.atMs - b.atMs),
  };
}

export interface RandomPlace {
  /** Nodes in the world. */
  count: number;
  /** Metres in which nodes may be put. */
  widthM: number;
  heightM: number;
  /** Routers in the world. */
  routers?: number;
  /** Whoever is switched off comes back. */
  restores?: boolean;
}

/** What random events are about; each kind of event that a scenario knows is among them. */
const KINDS: readonly ((random: SeededRandom, made: Moment) => ScenarioEvent[])[] = [
  (_, { atMs, laterMs, node, restores }) => [
    { atMs, do: 'kill', node },
    ...(restores ? [{ atMs: laterMs, do: 'start', node } as const] : []),
  ],
  (_, { atMs, laterMs, node }) => [
    { atMs, do: 'kill', node },
    { atMs: laterMs, do: 'start', node },
  ],
  (_, { atMs, node }) => [{ atMs, do: 'reset', node }],
  (random, { atMs, node, widthM, heightM }) => [
    { atMs, do: 'move', node, x: random.int(widthM), y: random.int(heightM) },
  ],
  (_, { atMs, laterMs }) => [
    { atMs, do: 'jam', channel: 6, on: true },
    { atMs: laterMs, do: 'jam', channel: 6, on: false },
  ],
  (random, { atMs, laterMs, count }) => {
    const at = 1 + random.int(count - 1);
    const all = Array.from({ length: count }, (_, i) => i);
    return [
      { atMs, do: 'partition', groups: [all.slice(0, at), all.slice(at)] },
      { atMs: laterMs, do: 'partition', groups: [] },
    ];
  },
  (random, { atMs, laterMs }) => [
    { atMs, do: 'air', loss: random.next01() * 0.4, duplicate: 0.1, damage: 0.05 },
    { atMs: laterMs, do: 'air', loss: 0, duplicate: 0, damage: 0 },
  ],
  (random, { atMs, node }) => [
    { atMs, do: 'power-cut', node, operation: 1 + random.int(6), offMs: 1000 },
  ],
  (random, { atMs, laterMs, node, count }) => [
    { atMs, do: 'forge', node, count: 10 + random.int(30) },
    { atMs: laterMs, do: 'replay', node, of: random.int(count), count: 20 },
  ],
  (random, { atMs, laterMs, widthM, heightM }) => {
    const x = random.int(widthM);
    const lossDb = 3 + random.int(12);
    const walls = [{ from: { x, y: -10 }, to: { x, y: heightM + 10 }, lossDb }];
    return [
      { atMs, do: 'walls', walls },
      { atMs: laterMs, do: 'walls', walls: [] },
    ];
  },
  (random, { atMs, laterMs, node, count }) => {
    const to = (node + 1 + random.int(count - 1)) % count;
    return [
      { atMs, do: 'deafen', from: node, to, on: true },
      { atMs: laterMs, do: 'deafen', from: node, to, on: false },
    ];
  },
  (_, { atMs, node }) => [
    { atMs, do: 'button', node, down: true },
    { atMs: atMs + 200, do: 'button', node, down: false },
  ],
  (_, { atMs, node }) => [{ atMs, do: 'lose-answer', node }],
  (random, { atMs, node }) => [{ atMs, do: 'stall', node, ms: 100 + random.int(4000) }],
  (random, { atMs, node }) => [
    { atMs, do: 'send', node, request: REQUESTS[random.int(REQUESTS.length)]! },
  ],
];
/** What happens to routers, where there are any. */
const ROUTER_KINDS: typeof KINDS = [
  (random, { atMs, laterMs, routers = 0 }) => {
    const router = random.int(routers);
    return [
      { atMs, do: 'router', router, on: false },
      { atMs: laterMs, do: 'router', router, on: true },
    ];
  },
  (random, { atMs, routers = 0 }) => [
    { atMs, do: 'router-channel', router: random.int(routers), channel: 1 + random.int(13) },
  ],
];
const REQUESTS = ['hello', 'topology', 'stats', 'nonsense'];

interface Moment extends RandomPlace {
  atMs: number;
  /** When what has an end ends. */
  laterMs: number;
  node: number;
}

/** One thing that happens at `atMs`, with its own end where it has one. */
export function randomEvents(
  random: SeededRandom,
  atMs: number,
  place: RandomPlace,
): ScenarioEvent[] {
  const node = random.int(place.count);
  const laterMs = atMs + 2000 + random.int(12_000);
  const kinds = place.routers ? [...KINDS, ...ROUTER_KINDS] : KINDS;
  return kinds[random.int(kinds.length)]!(random, { ...place, atMs, laterMs, node });
}

/**
 * Takes away events, then nodes, then time, as long as it still fails: one thing at a time, in order, until nothing more can go.
 * @param fails runs a scenario and says whether it shows the same failure
 */
export async function shrink(
  scenario: Scenario,
  fails: (smaller: Scenario) => Promise<boolean>,
): Promise<Scenario> {
  let best = scenario;
  for (let before = -1; before !== best.events.length + best.nodes.length;) {
    before = best.events.length + best.nodes.length;
    for (let i = best.events.length - 1; i >= 0; i--) {
      const smaller = { ...best, events: best.events.filter((_, at) => at !== i) };
      if (await fails(smaller)) best = smaller;
    }
    for (let i = best.nodes.length - 1; i >= 0 && best.nodes.length > 1; i--) {
      const smaller = withoutNode(best, i);
      if (smaller && (await fails(smaller))) best = smaller;
    }
  }
  return best;
}

/** The last node only can go without giving others a new number; earlier ones stay, but are never switched on. */
function withoutNode(scenario: Scenario, index: number): Scenario | undefined {
  if (scenario.events.some((event) => nodesOf(event).includes(index))) return undefined;
  if (index === scenario.nodes.length - 1) {
    return { ...scenario, nodes: scenario.nodes.slice(0, -1) };
  }
  if (scenario.nodes[index]!.startMs === null) return undefined;
  const nodes = scenario.nodes.map((node, i) => (i === index ? { ...node, startMs: null } : node));
  return { ...scenario, nodes };
}
