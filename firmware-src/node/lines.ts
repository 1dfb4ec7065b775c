import { keyToMac } from '../wire/cells.ts';
import { PROTOCOL_VERSION } from '../wire/console-line.ts';
import type { NodeRecord } from '../mesh/node-record.ts';
import type { Network } from './network.ts';
import type { NodeSetup } from './setup.ts';

/** Bytes that the laptop may send before it waits for an answer: one line; the board's receive ring keeps 259. */
export const CONSOLE_WINDOW_BYTES = 200;

export type Fields = Record<string, unknown>;

function macOrNull(key: string): string | null {
  return key === '' ? null : keyToMac(key);
}

/** Who and what this board is; public, never a secret in it. */
export function helloFields(
  setup: NodeSetup,
  key: string,
  name: string,
  zone: string,
  state: string,
  atMs: number,
): Fields {
  return {
    t: 'hello',
    protocol: PROTOCOL_VERSION,
    mac: keyToMac(key),
    name: name,
    zone: zone,
    firmware: setup.firmware,
    runtime: setup.runtime,
    chip: setup.chip,
    state: state,
    uptime: atMs,
    reset: setup.reset,
    window: CONSOLE_WINDOW_BYTES,
  };
}

/** This node's own state. */
export function ownFields(network: Network, key: string): Fields {
  const tree = network.mesh.tree;
  const info = network.info.get(key);
  return {
    t: 'node',
    mac: keyToMac(key),
    name: info === null ? '' : info.name,
    zone: info === null ? '' : info.zone,
    parent: macOrNull(tree.parent),
    root: macOrNull(tree.root),
    role: tree.isRoot() ? 'root' : 'node',
    coordinator: network.mesh.coordinator,
    rssi: null,
    hops: tree.hops,
    age: 0,
    sequence: network.gate.lastSequence(),
  };
}

/** Another node's state as this one knows it; hops 255 without a path to a root. */
export function nodeFields(network: Network, record: NodeRecord, atMs: number): Fields {
  const info = network.info.get(record.key);
  const heard = record.direct && record.proven;
  const root = heard ? record.root : network.mesh.tree.root;
  return {
    t: 'node',
    mac: keyToMac(record.key),
    name: info === null ? '' : info.name,
    zone: info === null ? '' : info.zone,
    parent: macOrNull(record.parent),
    root: macOrNull(record.isRoot ? record.key : root),
    role: record.isRoot ? 'root' : 'node',
    coordinator: record.coordinator,
    rssi: record.direct ? record.rssiDbm : null,
    hops: record.hops,
    age: atMs - record.knownAtMs,
    sequence: record.sequence,
  };
}

/** The same without texts, for the case that they are too long for a line once escaped. */
export function withoutTexts(fields: Fields): Fields {
  fields['name'] = '';
  fields['zone'] = '';
  return fields;
}
