/**
 * The picture of the mesh as one board's console tells it: a pure fold over frames.
 *
 *   graph' = fold(graph, report, atMs)
 *
 * A `node` report is the absolute state of one node, so that a lost report costs nothing; its sequence keeps an old one that
 * arrives late from undoing a newer one. A node that is reported `gone`, or not heard of for long, stays in the picture as
 * lost until `forget`, because a hole in the plan is what people look for. Times are host times in milliseconds.
 */

export type Role = 'root' | 'node';

/** Fields of a `node` frame; see specs/console in the firmware's wire folder. */
export interface NodeReport {
  readonly t: 'node';
  readonly mac: string;
  readonly name: string;
  readonly zone: string;
  readonly parent: string | null;
  readonly root: string;
  readonly role: Role;
  readonly coordinator: boolean;
  /** dBm as the reporting board hears it; null for the board itself. */
  readonly rssi: number | null;
  readonly hops: number;
  /** Milliseconds since the reporting board heard of the node. */
  readonly age: number;
  readonly sequence: number;
}
export interface GoneReport {
  readonly t: 'gone';
  readonly mac: string;
}
export interface HelloReport {
  readonly t: 'hello';
  readonly mac: string;
  readonly uptime: number;
}
export type Report = NodeReport | GoneReport | HelloReport;

export interface GraphNode {
  readonly mac: string;
  readonly name: string;
  readonly zone: string;
  readonly parent: string | null;
  readonly root: string;
  readonly role: Role;
  readonly coordinator: boolean;
  readonly rssiDbm: number | null;
  readonly hops: number;
  readonly sequence: number;
  /** Host time at which somebody last heard the node. */
  readonly heardAtMs: number;
  /** Host time at which the board said it is gone; null while it is there. */
  readonly lostAtMs: number | null;
}

export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** The board whose console is listened to. */
  readonly self: string | null;
  /** Uptime of that board in its last hello: a smaller one means that it restarted. */
  readonly selfUptimeMs: number;
  /** Nodes whose sequence may start again, because the reporting board restarted. */
  readonly stale: ReadonlySet<string>;
}

export const EMPTY_GRAPH: Graph = {
  nodes: new Map(),
  self: null,
  selfUptimeMs: 0,
  stale: new Set(),
};

/** Silent for longer than this: drawn as quiet, not yet as lost. */
export const QUIET_AFTER_MS = 5_000;
/** Silent for longer than this: lost, even without a word of the board (whose own console may be the silent one). */
export const LOST_AFTER_MS = 15_000;

export type Presence = 'live' | 'quiet' | 'lost';

export function fold(graph: Graph, report: Report, atMs: number): Graph {
  switch (report.t) {
    case 'hello':
      return foldHello(graph, report);
    case 'gone':
      return foldGone(graph, report.mac, atMs);
    case 'node':
      return foldNode(graph, report, atMs);
  }
}

function foldHello(graph: Graph, hello: HelloReport): Graph {
  if (graph.self !== null && graph.self !== hello.mac) {
    // Another board answers on this port: its view starts from nothing.
    return { ...EMPTY_GRAPH, self: hello.mac, selfUptimeMs: hello.uptime };
  }
  const restarted = graph.self !== null && hello.uptime < graph.selfUptimeMs;
  return {
    ...graph,
    self: hello.mac,
    selfUptimeMs: hello.uptime,
    stale: restarted ? new Set(graph.nodes.keys()) : graph.stale,
  };
}

function foldGone(graph: Graph, mac: string, atMs: number): Graph {
  const known = graph.nodes.get(mac);
  if (!known || known.lostAtMs !== null) return graph;
  return withNode(graph, { ...known, lostAtMs: atMs }, false);
}

function foldNode(graph: Graph, report: NodeReport, atMs: number): Graph {
  const known = graph.nodes.get(report.mac);
  if (known && !graph.stale.has(report.mac) && report.sequence < known.sequence) return graph;
  const heardAtMs = atMs - Math.max(0, report.age);
  // A page that was under way when the node was declared gone must not bring it back.
  if (known && known.lostAtMs !== null && heardAtMs <= known.lostAtMs) return graph;
  return withNode(
    graph,
    {
      mac: report.mac,
      name: report.name,
      zone: report.zone,
      parent: report.parent,
      root: report.root,
      role: report.role,
      coordinator: report.coordinator,
      rssiDbm: report.rssi,
      hops: report.hops,
      sequence: report.sequence,
      heardAtMs,
      lostAtMs: null,
    },
    true,
  );
}

function withNode(graph: Graph, node: GraphNode, fresh: boolean): Graph {
  const nodes = new Map(graph.nodes);
  nodes.set(node.mac, node);
  if (!fresh || !graph.stale.has(node.mac)) return { ...graph, nodes };
  const stale = new Set(graph.stale);
  stale.delete(node.mac);
  return { ...graph, nodes, stale };
}

/** Takes a lost node out of the picture. */
export function forget(graph: Graph, mac: string): Graph {
  if (!graph.nodes.has(mac)) return graph;
  const nodes = new Map(graph.nodes);
  nodes.delete(mac);
  return { ...graph, nodes };
}

export function presence(node: GraphNode, nowMs: number): Presence {
  if (node.lostAtMs !== null) return 'lost';
  const silentMs = nowMs - node.heardAtMs;
  if (silentMs > LOST_AFTER_MS) return 'lost';
  return silentMs > QUIET_AFTER_MS ? 'quiet' : 'live';
}

/** Nodes that claim to be root and are not lost, in MAC order; more than one is a mesh in parts or about to merge. */
export function rootsOf(graph: Graph, nowMs: number): GraphNode[] {
  return [...graph.nodes.values()]
    .filter((node) => node.role === 'root' && presence(node, nowMs) !== 'lost')
    .sort((a, b) => (a.mac < b.mac ? -1 : 1));
}

/** What the console says about a MAC if it is all there is to know: reads a frame field by field, null when it is none. */
export function readReport(frame: {
  readonly t: string;
  readonly [field: string]: unknown;
}): Report | null {
  const { t, mac } = frame;
  if (typeof mac !== 'string') return null;
  if (t === 'gone') return { t, mac };
  if (t === 'hello') return { t, mac, uptime: numberOr(frame['uptime'], 0) };
  if (t !== 'node') return null;
  return {
    t,
    mac,
    name: textOr(frame['name'], mac),
    zone: textOr(frame['zone'], ''),
    parent: typeof frame['parent'] === 'string' ? frame['parent'] : null,
    root: textOr(frame['root'], ''),
    role: frame['role'] === 'root' ? 'root' : 'node',
    coordinator: frame['coordinator'] === true,
    rssi: typeof frame['rssi'] === 'number' ? frame['rssi'] : null,
    hops: numberOr(frame['hops'], 0),
    age: numberOr(frame['age'], 0),
    sequence: numberOr(frame['sequence'], 0),
  };
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}
