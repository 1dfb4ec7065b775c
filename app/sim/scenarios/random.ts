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

/** From a room to a field where each node hears its nearest ones only. */
const GAPS_M = [10, 60, 120, 180];

export function randomScenario(seed: number, mostNodes = 8, mostEvents = 5): Scenario {
  const random = seededRandom(seed ^ 0x5eed5eed);
  const count = 3 + random.int(Math.max(1, mostNodes - 2));
  const nodes = field(count, GAPS_M[random.int(GAPS_M.length)]!, seed);
  const events: ScenarioEvent[] = [];
  const total = 1 + random.int(mostEvents);
  let atMs = FIRST_EVENT_MS;
  for (let i = 0; i < total; i++) {
    atMs += random.int(EVENT_GAP_MS);
    events.push(...randomEvent(random, atMs, count));
  }
  return {
    name: `random-${seed}`,
    about: `made up from seed ${seed}`,
    seconds: Math.ceil(atMs / 1000) + REST_SECONDS,
    nodes,
    events: events.sort((a, b) => a.atMs - b.atMs),
  };
}

/** With its own end, where it has one. */
function randomEvent(random: SeededRandom, atMs: number, count: number): ScenarioEvent[] {
  const node = random.int(count);
  const laterMs = atMs + 2000 + random.int(12_000);
  switch (random.int(9)) {
    case 0:
      return [{ atMs, do: 'kill', node }];
    case 1:
      return [
        { atMs, do: 'kill', node },
        { atMs: laterMs, do: 'start', node },
      ];
    case 2:
      return [{ atMs, do: 'reset', node }];
    case 3:
      return [{ atMs, do: 'move', node, x: random.int(300), y: random.int(300) }];
    case 4:
      return [
        { atMs, do: 'jam', channel: 6, on: true },
        { atMs: laterMs, do: 'jam', channel: 6, on: false },
      ];
    case 5: {
      const at = 1 + random.int(count - 1);
      const all = Array.from({ length: count }, (_, i) => i);
      return [
        { atMs, do: 'partition', groups: [all.slice(0, at), all.slice(at)] },
        { atMs: laterMs, do: 'partition', groups: [] },
      ];
    }
    case 6:
      return [
        { atMs, do: 'air', loss: random.next01() * 0.4, duplicate: 0.1, damage: 0.05 },
        { atMs: laterMs, do: 'air', loss: 0, duplicate: 0, damage: 0 },
      ];
    case 7:
      return [{ atMs, do: 'power-cut', node, operation: 1 + random.int(6), offMs: 1000 }];
    default:
      return [
        { atMs, do: 'forge', node, count: 10 + random.int(30) },
        { atMs: laterMs, do: 'replay', node, of: random.int(count), count: 20 },
      ];
  }
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
