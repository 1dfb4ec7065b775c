/** A scenario from a file that anybody may have written. */
import { routerProblem } from '../wifi/router.ts';
import type { Scenario } from './scenario.ts';

export type ReadScenario =
  | { readonly ok: true; readonly scenario: Scenario }
  /** `why` goes on after "it is". */
  | { readonly ok: false; readonly why: string };

const DOES: readonly string[] = [
  'start',
  'kill',
  'reset',
  'move',
  'walls',
  'jam',
  'partition',
  'deafen',
  'air',
  'power-cut',
  'router',
  'router-channel',
  'lose-answer',
  'stall',
  'button',
  'send',
  'forge',
  'replay',
];

type Loose = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Loose => typeof value === 'object' && value !== null;
const isPlace = (value: unknown): boolean =>
  isObject(value) && Number.isFinite(value['x']) && Number.isFinite(value['y']);

export function readScenario(text: string): ReadScenario {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return { ok: false, why: `not JSON: ${(error as Error).message}` };
  }
  const fault = isObject(value) ? faultOf(value) : 'expected an object';
  if (fault !== null) return { ok: false, why: `not a scenario: ${fault}` };
  const scenario = value as unknown as Scenario;
  return { ok: true, scenario: { ...scenario, about: scenario.about ?? '' } };
}

function faultOf({
  name,
  seconds,
  nodes,
  events,
  propagation,
  seed,
  driftPpm,
  routers,
  networkRouter,
}: Loose): string | null {
  if (typeof name !== 'string') return '"name" is missing';
  if (typeof seconds !== 'number' || !(seconds > 0)) return '"seconds" is missing';
  if (!Array.isArray(nodes) || nodes.length === 0) return '"nodes" is missing';
  if (!nodes.every(isPlace)) return 'a node has no place';
  if (!Array.isArray(events)) return '"events" is missing';
  if (seed !== undefined && !Number.isInteger(seed)) return '"seed" is no whole number';
  if (
    driftPpm !== undefined &&
    !(Number.isFinite(driftPpm) && Math.abs(driftPpm as number) < 1e5)
  ) {
    return '"driftPpm" is no number of parts of a million';
  }
  if (propagation !== undefined) {
    const isFine = isObject(propagation) && Object.values(propagation).every(Number.isFinite);
    if (!isFine) return '"propagation" holds something that is no number';
  }
  const routerFault = routers === undefined ? null : routersFault(routers);
  if (routerFault !== null) return routerFault;
  if (networkRouter !== undefined) {
    const { ssid, password } = isObject(networkRouter) ? networkRouter : {};
    if (typeof ssid !== 'string' || typeof password !== 'string')
      return '"networkRouter" has no name, or no password (an empty one for an open router)';
    const problem = routerProblem({ ssid, channel: 1, ...(password === '' ? {} : { password }) });
    if (problem) return problem;
  }
  const routerCount = Array.isArray(routers) ? routers.length : 0;
  for (const event of events as unknown[]) {
    const fault = isObject(event)
      ? eventFault(event, nodes.length, routerCount)
      : 'an event is no object';
    if (fault !== null) return fault;
  }
  return null;
}

function eventFault(event: Loose, count: number, routerCount: number): string | null {
  const what = event['do'];
  if (!Number.isFinite(event['atMs'])) return 'an event has no time';
  if (typeof what !== 'string' || !DOES.includes(what))
    return `no event is called "${String(what)}"`;
  const isNode = (value: unknown): boolean =>
    Number.isInteger(value) && (value as number) >= 0 && (value as number) < count;
  for (const key of ['node', 'of', 'from', 'to']) {
    const node = event[key];
    if (node !== undefined && !isNode(node)) {
      return `the event "${what}" names a node that is not there`;
    }
  }
  if (what === 'router' || what === 'router-channel') {
    const router = event['router'];
    if (!Number.isInteger(router) || (router as number) < 0 || (router as number) >= routerCount) {
      return `the event "${what}" names a router that is not there`;
    }
    const channel = event['channel'];
    if (what === 'router-channel') {
      return routerProblem({ ssid: '-', channel: channel as number }) ?? null;
    }
  }
  if (what === 'move' && !isPlace(event)) return 'a move has no place to go to';
  const { ms } = event;
  if (what === 'stall' && !(Number.isFinite(ms) && (ms as number) > 0)) {
    return 'the event "stall" does not say for how many milliseconds';
  }
  if (what === 'walls' && !isWalls(event['walls'])) return 'the event "walls" has no list of walls';
  if (what === 'partition') {
    const { groups } = event;
    const isFine =
      Array.isArray(groups) && groups.every((group) => Array.isArray(group) && group.every(isNode));
    if (!isFine) return 'the event "partition" has no list of groups of nodes';
  }
  return null;
}

function routersFault(routers: unknown): string | null {
  if (!Array.isArray(routers)) return '"routers" is no list';
  for (const router of routers as unknown[]) {
    if (!isObject(router) || !isPlace(router)) return 'a router has no place';
    const { ssid, password, channel, maxClients } = router;
    if (typeof ssid !== 'string' || (password !== undefined && typeof password !== 'string')) {
      return 'a router has no name, or a password that is no text';
    }
    const problem = routerProblem({
      ssid,
      channel: channel as number,
      ...(password === undefined ? {} : { password }),
      ...(maxClients === undefined ? {} : { maxClients: maxClients as number }),
    });
    if (problem) return problem;
  }
  return null;
}

function isWalls(value: unknown): boolean {
  return (
    Array.isArray(value) &&
    value.every(
      (wall) =>
        isObject(wall) &&
        isPlace(wall['from']) &&
        isPlace(wall['to']) &&
        Number.isFinite(wall['lossDb']),
    )
  );
}
