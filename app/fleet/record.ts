/**
 * What the fleet keeps. These records are the only durable thing: every image and every credential can be made
 * again from them. They are plain values; functions here make new ones and change none.
 */
import { bytesToHex } from '../base/bytes.ts';
import { randomBytes } from '../keys/crypto.ts';
import type { NetworkKeys } from '../keys/network-keys.ts';
import { newNetworkKeys, newNodeKey } from '../keys/network-keys.ts';
import {
  checkChannel,
  checkMac,
  checkName,
  checkNodeName,
  checkRouter,
  checkZone,
} from './check.ts';

export interface ZoneRecord {
  readonly name: string;
  /** Index into the fixed zone palette; stays with the zone for life. */
  readonly colour: number;
}

export interface RouterRecord {
  readonly ssid: string;
  /** Secret. */
  readonly password: string;
}

export interface NetworkRecord {
  /** The network id as 16 hex digits. */
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
  /** Wi-Fi channel, 1 to 13. */
  readonly channel: number;
  /** Number of the timing profile, 0 to 255; 0 is the default one. */
  readonly timing: number;
  readonly router: RouterRecord | null;
  readonly zones: readonly ZoneRecord[];
  /** Secret. */
  readonly keys: NetworkKeys;
  /** Null while no keys are being rotated. */
  readonly rotation: RotationRecord | null;
}

/** A change of the network's keys that is under way; see rotation.ts. */
export interface RotationRecord {
  readonly startedAtMs: number;
  /** The new key rules. */
  readonly switched: boolean;
  /** Ids of the nodes that have shown that they have the new keys. */
  readonly told: readonly string[];
  /** Ids of the nodes that are not to get them. */
  readonly revoked: readonly string[];
}

export const NODE_STATES = ['planned', 'flashed', 'joined', 'seen', 'lost', 'revoked'] as const;
export type NodeState = (typeof NODE_STATES)[number];

export interface HistoryEntry {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** What happened, in words. */
  readonly what: string;
}

export interface NodeRecord {
  /** 16 hex digits, random; stays when the board is replaced. */
  readonly id: string;
  /** `24:0a:c4:00:00:01`; null until a board was assigned. */
  readonly mac: string | null;
  readonly chip: string | null;
  readonly name: string;
  readonly zone: string;
  /** 32 bytes, secret. */
  readonly nodeKey: Uint8Array;
  readonly state: NodeState;
  /** Firmware id as the board says it. */
  readonly firmware: string | null;
  readonly lastSeenMs: number | null;
  readonly history: readonly HistoryEntry[];
}

export interface NetworkDraft {
  readonly name: string;
  readonly channel?: number;
  readonly timing?: number;
  readonly router?: RouterRecord | null;
  readonly zones?: readonly string[];
}

const DEFAULT_CHANNEL = 6;
const LONGEST_HISTORY = 100;

/** @throws FleetError when the draft is not valid */
export function newNetwork(draft: NetworkDraft, atMs: number): NetworkRecord {
  const keys = newNetworkKeys();
  const network: NetworkRecord = {
    id: bytesToHex(keys.networkId),
    name: draft.name.trim().normalize('NFC'),
    createdAtMs: atMs,
    channel: draft.channel ?? DEFAULT_CHANNEL,
    timing: draft.timing ?? 0,
    router: draft.router ?? null,
    zones: (draft.zones ?? []).map((name, colour) => ({ name, colour })),
    keys,
    rotation: null,
  };
  checkNetwork(network);
  return network;
}

/** @throws FleetError */
export function checkNetwork(network: NetworkRecord): void {
  checkName(network.name, 'The network');
  checkChannel(network.channel);
  checkRouter(network.router);
  for (const zone of network.zones) checkZone(zone.name);
}

/** @param others the network's other nodes. @throws FleetError */
export function newNode(
  draft: { name: string; zone: string; mac?: string | null },
  others: readonly NodeRecord[],
  atMs: number,
): NodeRecord {
  const node: NodeRecord = {
    id: bytesToHex(randomBytes(8)),
    mac: draft.mac ?? null,
    chip: null,
    name: draft.name.trim().normalize('NFC'),
    zone: draft.zone,
    nodeKey: newNodeKey(),
    state: 'planned',
    firmware: null,
    lastSeenMs: null,
    history: [{ atMs, what: 'planned' }],
  };
  checkNode(node, others);
  return node;
}

/** @throws FleetError */
export function checkNode(node: NodeRecord, others: readonly NodeRecord[]): void {
  checkNodeName(
    node.name,
    others.filter((other) => other.id !== node.id).map((other) => other.name),
  );
  checkZone(node.zone);
  if (node.mac === null) return;
  checkMac(
    node.mac,
    others.filter((other) => other.id !== node.id && other.state !== 'revoked'),
  );
}

function happened(node: NodeRecord, atMs: number, what: string): NodeRecord {
  return { ...node, history: [...node.history, { atMs, what }].slice(-LONGEST_HISTORY) };
}

export interface FlashFacts {
  readonly mac: string;
  readonly chip: string;
  /** Null when the board has not said it yet. */
  readonly firmware: string | null;
}

/** The board was written and verified; it is not in the mesh yet. */
export function markFlashed(node: NodeRecord, facts: FlashFacts, atMs: number): NodeRecord {
  const replaced = node.mac !== null && node.mac !== facts.mac ? `, in place of ${node.mac}` : '';
  return happened(
    { ...node, mac: facts.mac, chip: facts.chip, firmware: facts.firmware, state: 'flashed' },
    atMs,
    `flashed ${facts.chip} ${facts.mac}${replaced}`,
  );
}

/** What a finished handshake proved; nothing in it is secret. */
export interface JoinProof {
  readonly mac: string;
  /** The network id as 16 hex digits. */
  readonly networkId: string;
  readonly firmware: string;
  /** Hex, of the handshake's transcript: differs for each run. */
  readonly transcript: string;
}

/**
 * The only way to the state "joined". @throws Error when the proof is for another network or, once a board is assigned,
 * for another board: that is our own mistake
 */
export function confirmJoined(
  network: NetworkRecord,
  node: NodeRecord,
  proof: JoinProof,
  atMs: number,
): NodeRecord {
  if (proof.networkId !== network.id || (node.mac !== null && node.mac !== proof.mac)) {
    throw new Error('the proof of a handshake was offered to another node or network');
  }
  const { mac, firmware } = proof;
  return happened(
    { ...node, mac, firmware, state: 'joined', lastSeenMs: atMs },
    atMs,
    `joined, proof ${proof.transcript.slice(0, 16)}`,
  );
}

/** Heard in the mesh. Planned, flashed and revoked nodes keep their state: hearing a name is no proof. */
export function markSeen(node: NodeRecord, atMs: number): NodeRecord {
  const state = node.state === 'joined' || node.state === 'lost' ? 'seen' : node.state;
  return { ...node, state, lastSeenMs: Math.max(atMs, node.lastSeenMs ?? 0) };
}

export function markLost(node: NodeRecord, atMs: number): NodeRecord {
  return node.state === 'joined' || node.state === 'seen'
    ? happened({ ...node, state: 'lost' }, atMs, 'lost')
    : node;
}

/** Takes effect on the air once the network key is rotated. The node key is replaced: the old one opens nothing more. */
export function markRevoked(node: NodeRecord, atMs: number): NodeRecord {
  return happened({ ...node, nodeKey: newNodeKey(), state: 'revoked' }, atMs, 'revoked');
}
