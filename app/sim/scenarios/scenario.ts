/** A scenario: plain data that can be saved, shrunk and run again. Times in milliseconds of virtual time, places in metres. */
import type { PropagationOptions, Wall } from '../radio/propagation.ts';
import type { RouterOptions } from '../wifi/router.ts';

export interface ScenarioNode {
  x: number;
  y: number;
  zone?: string;
  /** "node <place in the list>" unless given. */
  name?: string;
  /** When it is switched on; null: only by an event. Nodes without it start within the first second. */
  startMs?: number | null;
  /** It has an identity, but no network. */
  keyless?: boolean;
}

/** Nodes are named by their place in the list of nodes. */
export type ScenarioEvent = { atMs: number } & (
  | { do: 'start' | 'kill' | 'reset'; node: number }
  | { do: 'move'; node: number; x: number; y: number }
  /** These walls from now on, and no others. */
  | { do: 'walls'; walls: Wall[] }
  | { do: 'jam'; channel: number; on: boolean }
  /** Nothing gets from one group to another; an empty list heals it. */
  | { do: 'partition'; groups: number[][] }
  /** Nothing gets from one node to another, in that direction only. */
  | { do: 'deafen'; from: number; to: number; on: boolean }
  | { do: 'air'; loss?: number; duplicate?: number; damage?: number }
  /** Restarts the node, and power goes at its n-th flash operation from then; it comes back after `offMs`. */
  | { do: 'power-cut'; node: number; operation: number; offMs: number }
  /** A router, by its place in the list of routers, gets power or loses it. */
  | { do: 'router'; router: number; on: boolean }
  | { do: 'router-channel'; router: number; channel: number }
  /** The ESP-NOW driver of a node never answers for its next frame. */
  | { do: 'lose-answer'; node: number }
  /** The loop of a node stands still for so long. */
  | { do: 'stall'; node: number; ms: number }
  | { do: 'button'; node: number; down: boolean }
  /** A request on the node's console, as the laptop writes it. */
  | { do: 'send'; node: number; request: string }
  /** Somebody beside this node sends frames that he made up, from an address that is nobody's. */
  | { do: 'forge'; node: number; count: number }
  /** Somebody beside this node sends the last frames of another one again, from that one's address. */
  | { do: 'replay'; node: number; of: number; count: number }
);

export interface ScenarioRouter extends RouterOptions {
  /** From the start; true unless given. */
  on?: boolean;
}

export interface Expectations {
  /** One tree by then. */
  formedMs?: number;
  /** One tree again so long after every event that broke it. */
  healMs?: number;
}

export interface Scenario {
  name: string;
  /** What it is about, in a sentence. */
  about: string;
  seconds: number;
  nodes: ScenarioNode[];
  events: ScenarioEvent[];
  routers?: ScenarioRouter[];
  /** The router of the network's own settings: what every node was given, right or wrong. Needs firmware with ROUTER. */
  networkRouter?: { ssid: string; password: string };
  expect?: Expectations;
  /** Clocks run fast or slow by up to so many parts of a million; 10 unless given. */
  driftPpm?: number;
  /** What differs from the usual air. */
  propagation?: Partial<PropagationOptions>;
  /** The one it was made or found with; a run may choose another. */
  seed?: number;
}

/** "kill 3", as the trace and reports say it. */
export function eventText(event: ScenarioEvent): string {
  const { atMs: _, do: what, ...rest } = event;
  const values = Object.entries(rest).map(([name, value]) =>
    name === 'node' ? String(value) : `${name}=${JSON.stringify(value)}`,
  );
  return [what, ...values].join(' ');
}

export function nodesOf(event: ScenarioEvent): number[] {
  const named: number[] = [];
  if ('node' in event) named.push(event.node);
  if (event.do === 'replay') named.push(event.of);
  if (event.do === 'deafen') named.push(event.from, event.to);
  if (event.do === 'partition') named.push(...event.groups.flat());
  return named;
}
