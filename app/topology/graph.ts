/**
 * The picture of the mesh as one board's console tells it: a pure fold over frames.
 *
 *   graph' = fold(graph, report, atMs)
 *
 * A `node` report is the absolute state of one node, so that a lost report costs nothing; the board orders them itself, and
 * the line keeps that order. The sequence is the node's own frame counter since its boot: a smaller one means that the node
 * restarted. A node that is reported `gone`, or not heard of for long, stays in the picture as lost until `forget`, because
 * a hole in the plan is what people look for. Times are host times in milliseconds.
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
  /** Linked to its parent over Wi-Fi; boards without such links do not say. */
  readonly link?: boolean;
  /** dBm to the network's router, which it has joined; missing or null otherwise. */
  readonly router?: number | null;
}
export interface GoneReport {
  readonly t: 'gone';
  readonly mac: string;
}
export interface HelloReport {
  readonly t: 'hello';
  readonly mac: string;
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
  /** Linked to its parent over Wi-Fi. */
  readonly isLinked: boolean;
  /** How it hears the router that it has joined; null when it has not. */
  readonly routerDbm: number | null;
  /** Host time at which somebody last heard the node. */
  readonly heardAtMs: number;
  /** Host time at which the board said it is gone; null while it is there. */
  readonly lostAtMs: number | null;
  /** How often the node was seen to restart. */
  readonly restarts: number;
}

export interface Graph {
  readonly nodes: ReadonlyMap<string, GraphNode>;
  /** The board whose console is listened to. */
  readonly self: string | null;
}

export const EMPTY_GRAPH: Graph = { nodes: new Map(), self: null };

/** The firmware's adverts come at least every 3 s and ages are asked for every 2 s: a neighbour silent for longer is quiet. */
export const QUIET_AFTER_MS = 6_000;
/** News of a node that is not heard directly travels with the adverts of others and may be this old. */
export const QUIET_RELAYED_AFTER_MS = 20_000;
/** Lost even without a word of the board, whose own console may be the silent one. */
export const LOST_AFTER_MS = 90_000;

/** 24-bit frame counters start again at 0: so large a step back is no restart. */
const SEQUENCE_WRAP = 0x80_0000;

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
  if (graph.self === hello.mac) return graph;
  // Another board answers on this port: its view starts from nothing.
  return graph.self === null ? { ...graph, self: hello.mac } : { ...EMPTY_GRAPH, self: hello.mac };
}

function foldGone(graph: Graph, mac: string, atMs: number): Graph {
  const known = graph.nodes.get(mac);
  if (!known || known.lostAtMs !== null) return graph;
  return withNode(graph, { ...known, lostAtMs: atMs });
}

function foldNode(graph: Graph, report: NodeReport, atMs: number): Graph {
  const known = graph.nodes.get(report.mac);
  const back = known ? known.sequence - report.sequence : 0;
  const restarted = back > 0 && back < SEQUENCE_WRAP;
  return withNode(graph, {
    mac: report.mac,
    // Name and zone travel apart from the rest and may come later.
    name: report.name || known?.name || report.mac,
    zone: report.zone || known?.zone || '',
    parent: report.parent,
    root: report.root,
    role: report.role,
    coordinator: report.coordinator,
    rssiDbm: report.rssi,
    hops: report.hops,
    sequence: report.sequence,
    isLinked: report.link === true,
    routerDbm: report.router ?? null,
    heardAtMs: atMs - Math.max(0, report.age),
    lostAtMs: null,
    restarts: (known?.restarts ?? 0) + (restarted ? 1 : 0),
  });
}

function withNode(graph: Graph, node: GraphNode): Graph {
  return { ...graph, nodes: new Map(graph.nodes).set(node.mac, node) };
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
  const relayed = node.rssiDbm === null && node.hops > 0;
  return silentMs > (relayed ? QUIET_RELAYED_AFTER_MS : QUIET_AFTER_MS) ? 'quiet' : 'live';
}

/** Nodes that claim to be root and are not lost, in MAC order; more than one is a mesh in parts or about to merge. */
export function rootsOf(graph: Graph, nowMs: number): GraphNode[] {
  return [...graph.nodes.values()]
    .filter((node) => node.role === 'root' && presence(node, nowMs) !== 'lost')
    .sort((a, b) => (a.mac < b.mac ? -1 : 1));
}

/** Reads a console frame field by field; null when it says nothing about the picture. */
export function readReport(frame: {
  readonly t: string;
  readonly [field: string]: unknown;
}): Report | null {
  const { t, mac } = frame;
  if (typeof mac !== 'string') return null;
  if (t === 'gone') return { t, mac };
  if (t === 'hello') return { t, mac };
  if (t !== 'node') return null;
  return {
    t,
    mac,
    name: textOr(frame['name'], ''),
    zone: textOr(frame['zone'], ''),
    parent: typeof frame['parent'] === 'string' ? frame['parent'] : null,
    root: textOr(frame['root'], ''),
    role: frame['role'] === 'root' ? 'root' : 'node',
    coordinator: frame['coordinator'] === true,
    rssi: typeof frame['rssi'] === 'number' ? frame['rssi'] : null,
    hops: numberOr(frame['hops'], 0),
    age: numberOr(frame['age'], 0),
    sequence: numberOr(frame['sequence'], 0),
    link: frame['link'] === true,
    router: typeof frame['router'] === 'number' ? frame['router'] : null,
  };
}

function numberOr(value: unknown, fallback: number): number {
  return typeof value === 'number' && Number.isFinite(value) ? value : fallback;
}

function textOr(value: unknown, fallback: string): string {
  return typeof value === 'string' && value !== '' ? value : fallback;
}
