/**
 * What must never be (targets, "Never"), judged from outside: from what each node says of itself, and from what the simulator
 * knows of the air. A state that is allowed for a while is a break when it has lasted too long since it began, or since the last
 * event of the scenario.
 *
 *   loop, two-roots   looked for after every event and four times a second, in each group of nodes that good links join
 *   forged            a node shows, follows or hangs below an address that is nobody's: only an intruder's frames hold one
 *   dead-shown        a node shows, follows or hangs below one that has long been without power: its replayed frames were believed
 *   identity          a node comes up without the identity that it had, after whatever power cut
 *   exception         one gets out of the firmware, or the board stands at its prompt or starts for ever
 *   heap              bytecode holds more than a board can spare
 *   secret            a key is in a line of a console
 *   expectation       the scenario's own
 */
import type { Medium, Station } from '../radio/medium.ts';
import type { Observer } from './observer.ts';

/** Parent lost to rejoined, 95 of 100 (targets, Mesh). */
export const LOOP_MS = 10_000;
/** Two meshes meet (targets, Mesh). */
const MERGE_MS = 20_000;
/** A dead node gone from every view takes 10 s; nobody may show it anew long after. */
export const DEAD_SHOWN_MS = 30_000;
/** A link on which so much is lost, either way, need not be one. */
const GOOD_LOSS = 0.1;

export interface Break {
  atMs: number;
  what:
    | 'loop'
    | 'two-roots'
    | 'forged'
    | 'dead-shown'
    | 'secret'
    | 'identity'
    | 'exception'
    | 'heap'
    | 'expectation';
  text: string;
}

/** Cold start to one tree (targets, Mesh): 20 s at 10 nodes, 45 s at 50, 120 s at 400. */
export function formationMs(nodes: number): number {
  if (nodes <= 10) return 20_000;
  return nodes <= 50 ? 45_000 : 120_000;
}

/** With a router, parts on different channels find each other within a round of visits and a move. */
const CHANNELS_MEET_MS = 120_000;

/** Groups of nodes that are joined by good links, each in the order of the list; `anyChannel`: as if all were on one. */
export function components(
  observers: readonly Observer[],
  medium: Medium,
  anyChannel = false,
): Observer[][] {
  const left = new Set(observers);
  const groups: Observer[][] = [];
  for (const first of observers) {
    if (!left.delete(first)) continue;
    const group = [first];
    for (const one of group) {
      for (const other of left) {
        if (!isGoodLink(one.board.wireless, other.board.wireless, medium, anyChannel)) continue;
        left.delete(other);
        group.push(other);
      }
    }
    groups.push(group);
  }
  return groups;
}

function isGoodLink(a: Station, b: Station, medium: Medium, anyChannel: boolean): boolean {
  const { faults, propagation } = medium;
  const channel = a.channel();
  if (!anyChannel) {
    if (channel === undefined || channel !== b.channel()) return false;
    if (faults.jammed.has(channel)) return false;
  }
  if (faults.cut.has(`${a.id}>${b.id}`) || faults.cut.has(`${b.id}>${a.id}`)) return false;
  const weaker = Math.min(medium.rssiDbm(a, b), medium.rssiDbm(b, a));
  return propagation.loss(weaker) <= GOOD_LOSS;
}

/** Whether every node has a way up to one living root that all of its group agree on. */
export function isSettled(
  groups: readonly (readonly Observer[])[],
  byMac: ReadonlyMap<string, Observer>,
): boolean {
  return groups.every((group) => {
    const root = group[0]!.place?.root;
    if (!root || byMac.get(root)?.place?.role !== 'root') return false;
    return group.every((one) => one.place?.root === root && climbs(one, byMac) === root);
  });
}

/** Address of the root at the end of the parents' chain; undefined for a loop or a chain that ends elsewhere. */
function climbs(from: Observer, byMac: ReadonlyMap<string, Observer>): string | undefined {
  let at = from;
  for (let steps = 0; steps <= byMac.size; steps++) {
    if (at.place?.role === 'root') return at.board.mac;
    const parent = at.place?.parent;
    const next = parent ? byMac.get(parent) : undefined;
    if (!next) return undefined;
    at = next;
  }
  return undefined;
}

/** Loops in the tree and superfluous roots, each under a name that stays the same while it lasts. */
export function wrongNow(
  groups: readonly (readonly Observer[])[],
  byMac: ReadonlyMap<string, Observer>,
): Map<string, Omit<Break, 'atMs'>> {
  const wrong = new Map<string, Omit<Break, 'atMs'>>();
  for (const group of groups) {
    const roots = group.filter((one) => one.place?.role === 'root').map((one) => one.board.name);
    if (roots.length > 1) {
      const text = `${roots.length} roots among ${group.length} connected nodes: ${roots.join(', ')}`;
      wrong.set(`two-roots ${group[0]!.board.mac}`, { what: 'two-roots', text });
    }
    for (const one of group) {
      const loop = loopOf(one, byMac);
      if (loop) wrong.set(`loop ${loop}`, { what: 'loop', text: `a loop in the tree: ${loop}` });
    }
  }
  return wrong;
}

export function allowedMs(what: Break['what'], nodes: number, anyChannel = false): number {
  if (anyChannel) return CHANNELS_MEET_MS;
  return what === 'loop' ? LOOP_MS : Math.max(MERGE_MS, formationMs(nodes));
}

/** "node 1 > node 2 > node 3": the loop that this node is part of, from its lowest member on. */
function loopOf(from: Observer, byMac: ReadonlyMap<string, Observer>): string | undefined {
  const path: Observer[] = [];
  let at: Observer | undefined = from;
  while (at && path.length <= byMac.size) {
    path.push(at);
    const parent: string | null | undefined = at.place?.role === 'root' ? null : at.place?.parent;
    at = parent ? byMac.get(parent) : undefined;
    if (at !== from) continue;
    if (path.some((one) => one.board.mac < from.board.mac)) return undefined; // told at its lowest
    return path.map((one) => one.board.name).join(' > ');
  }
  return undefined;
}
