/**
 * From records to what a board keeps: the identity in NVS, and the credentials that MPS delivers.
 *
 *   namespace mesh: schema i32 = 1 | name, zone blob UTF-8 | node_key, setup_key blob 32 | creds blob, once joined
 *   console_key blob 32, where the MAC is known: a board that another one admits by button then obeys the laptop, too
 *
 * `boot`, `admin_n` and `deliv_n` in the same namespace are the board's own counters. They must never go back, or the mesh takes
 * its frames for replays; so an identity is merged into the board's NVS and never replaces it.
 */
import { hexToBytes, utf8 } from '../base/bytes.ts';
import type { NodeFile } from '../fleet/files.ts';
import { FleetError } from '../fleet/fleet-error.ts';
import type { NetworkRecord, NodeRecord } from '../fleet/record.ts';
import { ImageError } from '../image/image-error.ts';
import { mergeNvs, parseNvs } from '../image/nvs/nvs.ts';
import type { NvsMerge } from '../image/nvs/nvs.ts';
import type { NvsEntry, NvsValue } from '../image/nvs/value.ts';
import { v8Crypto } from '../keys/crypto.ts';
import { macBytes } from '../../firmware-src/std/hex.ts';
import { consoleKeyFor } from '../../firmware-src/wire/request-line.ts';
import type { Credentials } from '../../firmware-src/wire/credentials.ts';
import { decodeCredentials, encodeCredentials } from '../../firmware-src/wire/credentials.ts';
import { ProvisionError } from './provision-error.ts';

export const IDENTITY_NAMESPACE = 'mesh';
export const CREDENTIALS_KEY = 'creds';
const CONSOLE_KEY = 'console_key';
const IDENTITY_SCHEMA = 1;

/**
 * The one place where a node's keys are taken from the fleet.
 * @param mac the board that gets them, as text; null when not known yet: then it gets no console key
 * @throws ProvisionError being-revoked: a node that a rotation leaves out would get the very keys that are changed because of it
 */
export function credentialsFor(
  network: NetworkRecord,
  node: NodeRecord,
  mac: string | null,
): Credentials {
  const { keys } = network;
  if (network.rotation?.revoked.includes(node.id)) throw new ProvisionError('being-revoked');
  const address = mac === null ? null : macBytes(mac);
  return {
    networkId: keys.networkId,
    epoch: keys.current.epoch,
    networkKey: keys.current.key,
    channel: network.channel,
    timing: network.timing,
    name: node.name,
    zone: node.zone,
    previous: keys.previous && { ...keys.previous, retired: network.rotation?.switched ?? true },
    consoleKey: address && consoleKeyFor(v8Crypto, keys.adminKey, address),
    setupKey: keys.setupKey, // the identity may hold one from before a rotation
    router: network.router,
  };
}

/** Everything that an image of this node needs. */
export function nodeFileOf(network: NetworkRecord, node: NodeRecord): NodeFile {
  return {
    node,
    networkId: network.id,
    setupKey: network.keys.setupKey,
    credentials: encodeCredentials(credentialsFor(network, node, node.mac)),
  };
}

export interface IdentityOptions {
  /** Puts the network credentials in, too: the board is joined without a handshake. For tests. */
  readonly preloaded?: boolean;
  /**
   * For a board without a boot counter of its own (a new one, or one whose NVS was lost): where to begin, from the
   * time now, so that it is above any counter the same board may have used before and its frames are no replays.
   */
  readonly firstBootAtMs?: number;
}

/** Counting starts here: a boot counter of 24 bits lasts until 2057 even when it follows the minutes. */
const BOOT_EPOCH_MS = Date.UTC(2026, 0, 1);

/** Minutes since 2026, within the 24 bits of an air frame's boot counter and never 0. */
export function firstBootCounter(atMs: number): number {
  return Math.min(0xff_ffff, Math.max(1, Math.floor((atMs - BOOT_EPOCH_MS) / 60_000)));
}

/** What to set in the board's NVS. @throws FleetError file-invalid for unreadable credentials, wanted preloaded */
export function identityEntries(file: NodeFile, options: IdentityOptions = {}): NvsEntry[] {
  const { node } = file;
  const entry = (key: string, value: NvsValue): NvsEntry => ({
    namespace: IDENTITY_NAMESPACE,
    key,
    value,
  });
  const blob = (key: string, bytes: Uint8Array): NvsEntry => entry(key, { kind: 'blob', bytes });
  const entries = [
    entry('schema', { kind: 'i32', value: IDENTITY_SCHEMA }),
    blob('name', utf8(node.name)),
    blob('zone', utf8(node.zone)),
    blob('node_key', node.nodeKey),
    blob('setup_key', file.setupKey),
  ];
  if (options.firstBootAtMs !== undefined) {
    entries.push(entry('boot', { kind: 'i32', value: firstBootCounter(options.firstBootAtMs) }));
  }
  const credentials = decodeCredentials(file.credentials);
  if (credentials?.consoleKey) entries.push(blob(CONSOLE_KEY, credentials.consoleKey));
  if (options.preloaded !== true) return entries;
  if (credentials === null) {
    throw new FleetError('file-invalid', 'The node file: "credentials" cannot be read.');
  }
  return [...entries, blob(CREDENTIALS_KEY, file.credentials)];
}

/** Set and erase as mergeNvs() takes them: an old membership goes, the board's counters and foreign namespaces stay. */
export function identityChanges(
  file: NodeFile,
  options: IdentityOptions = {},
): { set: NvsEntry[]; erase: { namespace: string; key: string }[] } {
  const set = identityEntries(file, options);
  const erase = [CREDENTIALS_KEY, CONSOLE_KEY]
    .filter((key) => !set.some((entry) => entry.key === key))
    .map((key) => ({ namespace: IDENTITY_NAMESPACE, key }));
  return { set, erase };
}

/** The network id of a record as bytes. */
export function networkIdBytes(network: NetworkRecord): Uint8Array {
  return hexToBytes(network.id);
}

/** Whether an NVS image holds this board's boot counter; false for anything that is no NVS. */
export function hasBootCounter(nvs: Uint8Array): boolean {
  try {
    return parseNvs(nvs).entries.some(
      (entry) => entry.namespace === IDENTITY_NAMESPACE && entry.key === 'boot',
    );
  } catch (error) {
    if (error instanceof ImageError) return false;
    throw error;
  }
}

/** The board counts these up for ever; receivers take anything below for a replay. */
const COUNTERS: readonly string[] = ['boot', 'admin_n', 'deliv_n'];

/**
 * What a board's NVS holds of its membership, for a backup. Secret. Empty when there is none, or no NVS at all.
 * @param nvs the whole NVS partition
 */
export function identityOf(nvs: Uint8Array): NvsEntry[] {
  try {
    return parseNvs(nvs).entries.filter((entry) => entry.namespace === IDENTITY_NAMESPACE);
  } catch (error) {
    if (error instanceof ImageError) return [];
    throw error;
  }
}

/**
 * A board's NVS with a backed-up identity put back: the membership becomes exactly the backup's, every other namespace stays,
 * and the counters become the larger ones of board and backup.
 * @param nvs what the board has now; something unreadable is replaced, and `replaced` says so
 * @throws ImageError nvs-full, or nvs-invalid for an impossible size
 */
export function restoreIdentity(nvs: Uint8Array, backup: readonly NvsEntry[]): NvsMerge {
  const now = identityOf(nvs);
  const wanted = backup.filter((entry) => entry.namespace === IDENTITY_NAMESPACE);
  const set = wanted.filter((entry) => !isCounter(entry));
  for (const key of COUNTERS) {
    const values = [...now, ...wanted].flatMap((entry) =>
      entry.key === key && entry.value.kind === 'i32' ? [entry.value.value] : [],
    );
    if (values.length === 0) continue;
    const value = Math.max(...values);
    set.push({ namespace: IDENTITY_NAMESPACE, key, value: { kind: 'i32', value } });
  }
  const kept = new Set(set.map((entry) => entry.key));
  const erase = now.filter((entry) => !kept.has(entry.key));
  return mergeNvs(nvs, { set, erase });
}

function isCounter(entry: NvsEntry): boolean {
  return COUNTERS.includes(entry.key);
}
