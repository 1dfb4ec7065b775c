/** The plan: who stands where, between which walls, in which air. Plain data; every change makes a new one. */
import { seededRandom } from '../../base/random.ts';
import {
  AIRS,
  type Air,
  type AirOffer,
  type ScenarioFile,
  type ScriptedHappening,
  type Spot,
  type WallPiece,
} from '../shared/rehearse-ports.ts';

export interface PlanNode {
  readonly name: string;
  readonly zone: string;
  readonly x: number;
  readonly y: number;
  /** As a scenario has it: null is off until an event switches it on. */
  readonly startMs?: number | null;
  readonly keyless?: boolean;
}

export interface Plan {
  readonly name: string;
  readonly about: string;
  /** Null: the propagation of the scenario that it came from. */
  readonly air: Air | null;
  readonly propagation: Readonly<Record<string, number>> | null;
  readonly seed: number;
  readonly nodes: readonly PlanNode[];
  readonly walls: readonly WallPiece[];
  /** What a scenario does by itself; empty for a plan of one's own. */
  readonly script: readonly ScriptedHappening[];
  /** Of the script. */
  readonly seconds: number;
  readonly expect: ScenarioFile['expect'] | null;
}

export const EMPTY_PLAN: Plan = {
  name: 'my plan',
  about: '',
  air: 'house',
  propagation: null,
  seed: 1,
  nodes: [],
  walls: [],
  script: [],
  seconds: 0,
  expect: null,
};
const USUAL_ZONE = 'main';
/** For a plan without a script: as long as anybody looks, but a number. */
const NO_END_SECONDS = 864_000;

/** To the decimetre: nobody places more exactly. */
const placed = (value: number): number => Math.round(value * 10) / 10;

// ---- nodes -----------------------------------------------------------------------------------------------------------

export interface Newcomer {
  readonly name: string;
  readonly zone: string;
}

/** "node-7" and so on, none of them taken. */
export function newcomers(plan: Plan, count: number, zone = USUAL_ZONE): Newcomer[] {
  const taken = new Set(plan.nodes.map(({ name }) => name));
  const made: Newcomer[] = [];
  for (let number = 1; made.length < count; number++) {
    const name = `node-${number}`;
    if (!taken.has(name)) made.push({ name, zone });
  }
  return made;
}

/** A square of rows and columns, to the right of what is there. */
export function addGrid(plan: Plan, who: readonly Newcomer[], gapM: number): Plan {
  const columns = Math.ceil(Math.sqrt(who.length));
  const from = cornerBeside(plan, gapM);
  return withNodes(
    plan,
    who.map(({ name, zone }, i) => ({
      name,
      zone,
      x: from.x + gapM * (i % columns),
      y: from.y + gapM * Math.floor(i / columns),
    })),
  );
}

/** Anywhere in a square that holds them about this far apart. */
export function addScattered(
  plan: Plan,
  who: readonly Newcomer[],
  gapM: number,
  seed: number,
): Plan {
  const random = seededRandom(seed);
  const sideM = gapM * Math.sqrt(who.length);
  const from = cornerBeside(plan, gapM);
  return withNodes(
    plan,
    who.map(({ name, zone }) => ({
      name,
      zone,
      x: from.x + sideM * random.next01(),
      y: from.y + sideM * random.next01(),
    })),
  );
}

export function addAt(plan: Plan, who: Newcomer, { x, y }: Spot): Plan {
  return withNodes(plan, [{ ...who, x, y }]);
}

function cornerBeside({ nodes }: Plan, gapM: number): Spot {
  if (nodes.length === 0) return { x: 0, y: 0 };
  return {
    x: Math.max(...nodes.map(({ x }) => x)) + gapM,
    y: Math.min(...nodes.map(({ y }) => y)),
  };
}

function withNodes(plan: Plan, added: readonly PlanNode[]): Plan {
  const nodes = added.map((node) => ({ ...node, x: placed(node.x), y: placed(node.y) }));
  return { ...plan, nodes: [...plan.nodes, ...nodes] };
}

export function changeNode(plan: Plan, index: number, change: Partial<PlanNode>): Plan {
  const nodes = plan.nodes.map((node, i) => {
    if (i !== index) return node;
    const { x, y, ...rest } = { ...node, ...change };
    return { ...rest, x: placed(x), y: placed(y) };
  });
  return { ...plan, nodes };
}

/** A script names nodes by their numbers: it goes too. */
export function removeNode(plan: Plan, index: number): Plan {
  return { ...withoutScript(plan), nodes: plan.nodes.filter((_, i) => i !== index) };
}

export function withoutScript(plan: Plan): Plan {
  return { ...plan, script: [], seconds: 0, expect: null };
}

// ---- groups ----------------------------------------------------------------------------------------------------------

export const CUTS = ['left-right', 'top-bottom', 'zones', 'one'] as const;
export type Cut = (typeof CUTS)[number];

/** Who hears whom after a cut, as numbers of nodes. Sides are cut where each gets about half. */
export function groupsOf(nodes: readonly PlanNode[], cut: Cut, one: number | null): number[][] {
  const all = nodes.map((_, i) => i);
  if (cut === 'one') return one === null ? [] : [[one], all.filter((i) => i !== one)];
  if (cut === 'zones') return byZone(nodes, (_, i) => i).map(([, group]) => group);
  const along = (i: number): number => (cut === 'left-right' ? nodes[i]!.x : nodes[i]!.y);
  const sorted = [...all].sort((a, b) => along(a) - along(b) || a - b);
  const half = Math.ceil(sorted.length / 2);
  const rising = (a: number, b: number): number => a - b;
  return [sorted.slice(0, half).sort(rising), sorted.slice(half).sort(rising)];
}

/** What each has that stands in a zone, by zone. */
export function byZone<T>(
  nodes: readonly PlanNode[],
  of: (node: PlanNode, index: number) => T,
): [string, T[]][] {
  const found = new Map<string, T[]>();
  nodes.forEach((node, i) => {
    const all = found.get(node.zone) ?? [];
    all.push(of(node, i));
    found.set(node.zone, all);
  });
  return [...found];
}

/** The hull of points, in order round it (Andrew's monotone chain); the points themselves when there are fewer than three. */
export function hullOf(points: readonly Spot[]): Spot[] {
  const sorted = [...points].sort((a, b) => a.x - b.x || a.y - b.y);
  if (sorted.length < 3) return sorted;
  const side = (o: Spot, a: Spot, b: Spot): number =>
    (a.x - o.x) * (b.y - o.y) - (a.y - o.y) * (b.x - o.x);
  const half = (from: readonly Spot[]): Spot[] => {
    const chain: Spot[] = [];
    for (const point of from) {
      while (chain.length > 1 && side(chain.at(-2)!, chain.at(-1)!, point) <= 0) chain.pop();
      chain.push(point);
    }
    return chain.slice(0, -1);
  };
  return [...half(sorted), ...half([...sorted].reverse())];
}

// ---- scenarios -------------------------------------------------------------------------------------------------------

export function scenarioOf(
  plan: Plan,
  airs: readonly AirOffer[],
  live: readonly ScriptedHappening[] = [],
  untilMs: number | null = null,
): ScenarioFile & { seed: number } {
  const propagation = plan.propagation ?? airs.find(({ id }) => id === plan.air)?.propagation;
  const walls: ScriptedHappening[] =
    plan.walls.length > 0 ? [{ atMs: 0, do: 'walls', walls: [...plan.walls] }] : [];
  const usual = plan.script.length > 0 ? plan.seconds : NO_END_SECONDS;
  const ended = Math.max(1, Math.ceil((untilMs ?? 0) / 1000));
  const seconds =
    untilMs === null ? usual : plan.script.length > 0 ? Math.max(plan.seconds, ended) : ended;
  return {
    name: plan.name,
    about: plan.about,
    seconds,
    seed: plan.seed,
    nodes: plan.nodes.map((node) => ({ ...node })),
    events: [...walls, ...plan.script, ...live],
    ...(propagation === undefined ? {} : { propagation }),
    ...(plan.expect === null || plan.expect === undefined ? {} : { expect: plan.expect }),
  };
}

export function planFrom(scenario: ScenarioFile, airs: readonly AirOffer[]): Plan {
  const [first] = scenario.events;
  const walls = first?.atMs === 0 && first.do === 'walls' ? first.walls : [];
  const script = walls.length > 0 ? scenario.events.slice(1) : scenario.events;
  const propagation = scenario.propagation ?? null;
  const same = (offer: AirOffer): boolean =>
    propagation !== null &&
    Object.keys(propagation).length === Object.keys(offer.propagation).length &&
    Object.entries(offer.propagation).every(([name, value]) => propagation[name] === value);
  const air = propagation === null ? 'house' : (airs.find(same)?.id ?? null);
  return {
    name: scenario.name,
    about: scenario.about,
    air,
    // The usual propagation of the simulator is that of the house.
    propagation: air === null ? propagation : null,
    seed: scenario.seed ?? 1,
    nodes: scenario.nodes.map((node, i) => ({
      ...node,
      name: node.name ?? `node ${i}`,
      zone: node.zone ?? 'hall',
    })),
    walls,
    script,
    seconds: script.length > 0 ? scenario.seconds : 0,
    expect: script.length > 0 ? (scenario.expect ?? null) : null,
  };
}

// ---- reading what was kept -------------------------------------------------------------------------------------------

const isNumber = (value: unknown): value is number => Number.isFinite(value);
const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const isSpot = (value: unknown): value is Spot =>
  isRecord(value) && isNumber(value['x']) && isNumber(value['y']);

/** Null for what is no plan of this version: the screen then begins with an empty one. */
export function readPlan(row: unknown): Plan | null {
  if (!isRecord(row)) return null;
  const { name, about, air, propagation, seed, nodes, walls, script, seconds, expect } = row;
  if (!Array.isArray(nodes) || !Array.isArray(walls) || !Array.isArray(script)) return null;
  const areNodes = nodes.every(
    (node: unknown) =>
      isSpot(node) && isRecord(node) && isText(node['name']) && isText(node['zone']),
  );
  const areWalls = walls.every(
    (wall: unknown) =>
      isRecord(wall) && isSpot(wall['from']) && isSpot(wall['to']) && isNumber(wall['lossDb']),
  );
  const areEvents = script.every((event: unknown) => isRecord(event) && isNumber(event['atMs']));
  if (!areNodes || !areWalls || !areEvents) return null;
  return {
    name: isText(name) ? name : EMPTY_PLAN.name,
    about: isText(about) ? about : '',
    air: AIRS.find((each) => each === air) ?? (isRecord(propagation) ? null : 'house'),
    propagation: isRecord(propagation) ? (propagation as Record<string, number>) : null,
    seed: Number.isInteger(seed) ? (seed as number) : 1,
    nodes: nodes as PlanNode[],
    walls: walls as WallPiece[],
    script: script as ScriptedHappening[],
    seconds: isNumber(seconds) ? seconds : 0,
    expect: isRecord(expect) ? (expect as Plan['expect']) : null,
  };
}

const isText = (value: unknown): value is string => typeof value === 'string';
