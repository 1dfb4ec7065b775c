/**
 * Records as JSON: the files of the command line, and what the store encrypts. Keys are base64url.
 * A network file and a node file are secrets (mode 0600).
 */
import { hexToBytes, toBase64Url } from '../base/bytes.ts';
import { KEY_BYTES, NETWORK_ID_BYTES } from '../keys/network-keys.ts';
import { checkMac } from './check.ts';
import { FleetError } from './fleet-error.ts';
import { FieldReader, parseObject } from './json-fields.ts';
import type { NetworkRecord, NodeRecord } from './record.ts';
import { checkNetwork, checkNode, NODE_STATES } from './record.ts';
import type { JsonObject, UpgradeSteps } from './upgrade.ts';
import { NETWORK_SCHEMA, NODE_SCHEMA, upgrade } from './upgrade.ts';

const NETWORK_FORMAT = 'meshwright-network';
const NODE_FORMAT = 'meshwright-node';
const NETWORK_STEPS: UpgradeSteps = { 1: (old) => ({ ...old, rotation: null }) };
const NODE_STEPS: UpgradeSteps = {};

/** One node with everything its image needs, so that an image can be made without the network file. */
export interface NodeFile {
  readonly node: NodeRecord;
  /** 16 hex digits. */
  readonly networkId: string;
  /** 32 bytes, secret. */
  readonly setupKey: Uint8Array;
  /** Encoded network credentials for this node (firmware-src/wire/credentials.ts), secret. */
  readonly credentials: Uint8Array;
}

function open(text: string, format: string, what: string): JsonObject {
  const fields = parseObject(text, what);
  if (fields['format'] !== format) {
    const other = fields['format'] === NETWORK_FORMAT || fields['format'] === NODE_FORMAT;
    const found = other ? ` but "${String(fields['format'])}"` : '';
    throw new FleetError('file-invalid', `${what} is not of the format "${format}"${found}.`);
  }
  return fields;
}

export function networkToJson(network: NetworkRecord): string {
  const { keys } = network;
  const json = {
    format: NETWORK_FORMAT,
    schema: NETWORK_SCHEMA,
    id: network.id,
    name: network.name,
    createdAtMs: network.createdAtMs,
    channel: network.channel,
    timing: network.timing,
    router: network.router,
    zones: network.zones,
    keys: {
      epoch: keys.current.epoch,
      networkKey: toBase64Url(keys.current.key),
      previous: keys.previous && {
        epoch: keys.previous.epoch,
        networkKey: toBase64Url(keys.previous.key),
      },
      setupKey: toBase64Url(keys.setupKey),
      adminKey: toBase64Url(keys.adminKey),
    },
    rotation: network.rotation,
  };
  return JSON.stringify(json, null, 2) + '\n';
}

/** @throws FleetError file-invalid | newer-schema, or what checkNetwork throws */
export function networkFromJson(text: string): NetworkRecord {
  const what = 'The network file';
  const fields = upgrade(open(text, NETWORK_FORMAT, what), NETWORK_SCHEMA, NETWORK_STEPS, what);
  const read = new FieldReader(fields, what);
  const keys = read.object('keys');
  const previous = keys.objectOrNull('previous');
  const router = read.objectOrNull('router');
  const rotation = read.objectOrNull('rotation');
  const id = read.hex('id', NETWORK_ID_BYTES);
  const network: NetworkRecord = {
    id,
    name: read.text('name'),
    createdAtMs: read.timeMs('createdAtMs'),
    channel: read.integer('channel', 1, 13),
    timing: read.integer('timing', 0, 255),
    router: router && { ssid: router.text('ssid'), password: router.text('password') },
    zones: read
      .list('zones')
      .map((zone) => ({ name: zone.text('name'), colour: zone.integer('colour', 0, 255) })),
    keys: {
      networkId: hexToBytes(id),
      current: {
        epoch: keys.integer('epoch', 0, 255),
        key: keys.bytes('networkKey', KEY_BYTES),
      },
      previous: previous && {
        epoch: previous.integer('epoch', 0, 255),
        key: previous.bytes('networkKey', KEY_BYTES),
      },
      setupKey: keys.bytes('setupKey', KEY_BYTES),
      adminKey: keys.bytes('adminKey', KEY_BYTES),
    },
    rotation: rotation && {
      startedAtMs: rotation.timeMs('startedAtMs'),
      switched: rotation.boolean('switched'),
      told: rotation.texts('told'),
      revoked: rotation.texts('revoked'),
    },
  };
  checkNetwork(network);
  return network;
}

function nodeFields(node: NodeRecord): JsonObject {
  return { ...node, nodeKey: toBase64Url(node.nodeKey) };
}

function readNode(read: FieldReader): NodeRecord {
  const node: NodeRecord = {
    id: read.hex('id', 8),
    mac: read.textOrNull('mac'),
    chip: read.textOrNull('chip'),
    name: read.text('name'),
    zone: read.text('zone'),
    nodeKey: read.bytes('nodeKey', KEY_BYTES),
    state: read.oneOf('state', NODE_STATES),
    firmware: read.textOrNull('firmware'),
    lastSeenMs: read.timeMsOrNull('lastSeenMs'),
    history: read
      .list('history')
      .map((entry) => ({ atMs: entry.timeMs('atMs'), what: entry.text('what') })),
  };
  if (node.mac !== null) checkMac(node.mac, []);
  checkNode(node, []);
  return node;
}

/** A node alone, as the store keeps it. */
export function nodeRecordToJson(node: NodeRecord): string {
  return JSON.stringify({ schema: NODE_SCHEMA, ...nodeFields(node) });
}

/** @throws FleetError file-invalid | newer-schema, or what checkNode throws */
export function nodeRecordFromJson(text: string): NodeRecord {
  const what = 'The node record';
  const fields = upgrade(parseObject(text, what), NODE_SCHEMA, NODE_STEPS, what);
  return readNode(new FieldReader(fields, what));
}

export function nodeToJson(file: NodeFile): string {
  const json = {
    format: NODE_FORMAT,
    schema: NODE_SCHEMA,
    ...nodeFields(file.node),
    networkId: file.networkId,
    setupKey: toBase64Url(file.setupKey),
    credentials: toBase64Url(file.credentials),
  };
  return JSON.stringify(json, null, 2) + '\n';
}

/** @throws FleetError file-invalid | newer-schema, or what checkNode throws */
export function nodeFromJson(text: string): NodeFile {
  const what = 'The node file';
  const fields = upgrade(open(text, NODE_FORMAT, what), NODE_SCHEMA, NODE_STEPS, what);
  const read = new FieldReader(fields, what);
  return {
    node: readNode(read),
    networkId: read.hex('networkId', NETWORK_ID_BYTES),
    setupKey: read.bytes('setupKey', KEY_BYTES),
    credentials: read.bytes('credentials', null),
  };
}
