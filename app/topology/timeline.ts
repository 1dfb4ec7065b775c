/**
 * What happened, in order, for people: derived from two pictures of the mesh (before and after one report) and from the
 * board's own `event` frames. Pure; the list is bounded.
 */
import type { Graph, GraphNode } from './graph.ts';

export type EventKind = 'appeared' | 'lost' | 'back' | 'root' | 'parent' | 'board' | 'refused';

export interface TimelineEvent {
  readonly id: number;
  readonly atMs: number;
  readonly kind: EventKind;
  readonly mac: string | null;
  readonly text: string;
}

export interface Timeline {
  readonly events: readonly TimelineEvent[];
  readonly nextId: number;
}

export const EMPTY_TIMELINE: Timeline = { events: [], nextId: 1 };
export const TIMELINE_LIMIT = 400;

type NewEvent = Omit<TimelineEvent, 'id' | 'atMs'>;

function nameIn(graph: Graph, mac: string): string {
  return graph.nodes.get(mac)?.name ?? mac;
}

function changesOf(before: GraphNode | undefined, after: GraphNode, graph: Graph): NewEvent[] {
  const { mac, name } = after;
  const changes: NewEvent[] = [];
  if (after.lostAtMs !== null) {
    if (before && before.lostAtMs === null) {
      changes.push({ kind: 'lost', mac, text: `${name} is lost` });
    }
    return changes;
  }
  if (!before) changes.push({ kind: 'appeared', mac, text: `${name} appeared` });
  else if (before.lostAtMs !== null) changes.push({ kind: 'back', mac, text: `${name} is back` });
  if (before && after.restarts > before.restarts) {
    changes.push({ kind: 'back', mac, text: `${name} restarted` });
  }
  if (after.role === 'root' && before?.role !== 'root') {
    changes.push({ kind: 'root', mac, text: `${name} is root` });
  }
  if (after.parent !== null && after.parent !== (before?.parent ?? null)) {
    const to = nameIn(graph, after.parent);
    changes.push({ kind: 'parent', mac, text: `${name} is now below ${to}` });
  }
  return changes;
}

/** Adds what changed between two pictures. */
export function recordChange(
  timeline: Timeline,
  before: Graph,
  after: Graph,
  atMs: number,
): Timeline {
  if (before.nodes === after.nodes) return timeline;
  const found: NewEvent[] = [];
  for (const [mac, node] of after.nodes) {
    const old = before.nodes.get(mac);
    if (old !== node) found.push(...changesOf(old, node, after));
  }
  return append(timeline, found, atMs);
}

const EVENT_WORDS: Record<string, string> = {
  'root-elected': 'A root was elected',
  'parent-lost': 'A parent was lost',
  'root-lost': 'The root was lost',
  rejoined: 'A node found a parent again',
  merged: 'Two meshes became one',
  'coordinator-changed': 'A zone has another coordinator',
  'frame-rejected': 'Frames were refused',
  'mps-failed': 'A handshake failed',
  'mps-done': 'A handshake was completed',
  'link-up': 'A Wi-Fi link to a parent stands',
  'link-lost': 'A Wi-Fi link was lost',
  'link-failed': 'A parent’s access point could not be joined',
  'links-paused': 'Wi-Fi links are left alone for a while; ESP-NOW goes on',
  'router-joined': 'The router was joined',
  'router-lost': 'The router fell silent and is looked for',
  'router-gone': 'The router is gone; the mesh goes on without it and looks for it now and then',
  'router-refused':
    'The router let nobody in: its password in the settings of the network may be wrong, or its security another',
  'router-no-address': 'The router gave no address: look at its DHCP',
  'channel-moved': 'The mesh moved to another radio channel',
  'links-no-memory': 'No memory for another Wi-Fi link; ESP-NOW goes on',
};

/** Adds an `event` frame of the board. */
export function recordEvent(
  timeline: Timeline,
  frame: { readonly [field: string]: unknown },
  graph: Graph,
  atMs: number,
): Timeline {
  const name = typeof frame['event'] === 'string' ? frame['event'] : 'event';
  const details = Object.entries(frame)
    .filter(
      ([key, value]) =>
        key !== 't' && key !== 'event' && value !== null && typeof value !== 'object',
    )
    .map(([key, value]) => {
      const named = graph.nodes.get(String(value))?.name ?? String(value);
      return key === 'mac' ? named : `${key} ${named}`;
    });
  const words = EVENT_WORDS[name] ?? name;
  const mac = [frame['mac'], frame['root'], frame['node']].find(
    (value) => typeof value === 'string',
  );
  return append(
    timeline,
    [
      {
        kind: name === 'frame-rejected' ? 'refused' : 'board',
        mac: mac ?? null,
        text: details.length > 0 ? `${words}: ${details.join(', ')}` : words,
      },
    ],
    atMs,
  );
}

function append(timeline: Timeline, found: readonly NewEvent[], atMs: number): Timeline {
  if (found.length === 0) return timeline;
  let { nextId } = timeline;
  const added = found.map((event) => ({ ...event, id: nextId++, atMs }));
  return { events: [...timeline.events, ...added].slice(-TIMELINE_LIMIT), nextId };
}
