import { utf8Encode } from '../std/utf8.ts';
import { ROUTER, WIFI_TREE } from '../features.ts';
import { FLAG_COORDINATOR, FLAG_LINKED, FLAG_ROOT, FLAG_ROUTER } from '../wire/advert.ts';
import { keyToMac } from '../wire/cells.ts';
import { jsonText, PROTOCOL_VERSION } from '../wire/console-line.ts';
import { signalOf } from '../mesh/link.ts';
import { FLAGS, PARENT, SEQUENCE } from '../mesh/node-rows.ts';
import { hopsOf } from '../mesh/route.ts';
import type { Network } from './network.ts';
import type { NodeSetup } from './setup.ts';

/** Bytes that the laptop may send before it waits for an answer: one line; the board's receive ring keeps 259. */
export const CONSOLE_WINDOW_BYTES = 200;

/** Room for name and zone in a line. Only control characters, which JSON writes with six letters, need as much. */
const MOST_TEXT_BYTES = 230;
/** Characters that fit whatever they are. */
const SURE_CHARACTERS = 57;

function macOrNull(key: string): string {
  return key === '' ? 'null' : `"${keyToMac(key)}"`;
}

/** Name and zone; empty ones where they would leave no room for the rest of the line. */
function nameAndZone(name: string, zone: string): string {
  const text = `"name":${jsonText(name)},"zone":${jsonText(zone)}`;
  if (text.length <= SURE_CHARACTERS || utf8Encode(text).length <= MOST_TEXT_BYTES) return text;
  return '"name":"","zone":""';
}

/** Who and what this board is; public, never a secret in it. */
export function helloLine(
  setup: NodeSetup,
  key: string,
  name: string,
  zone: string,
  state: string,
  atMs: number,
): string {
  const what = `"firmware":"${setup.firmware}","runtime":"${setup.runtime}","chip":${jsonText(setup.chip)}`;
  return (
    `{"t":"hello","protocol":${PROTOCOL_VERSION},"mac":"${keyToMac(key)}",${nameAndZone(name, zone)},${what},` +
    `"state":"${state}","uptime":${atMs},"reset":"${setup.reset}","window":${CONSOLE_WINDOW_BYTES}}`
  );
}

/** The router as this node has it; '' in a network without one. Its name is no secret, but nobody's business here. */
export function routerLine(network: Network | null): string {
  const router = network === null ? null : network.router;
  const channel = network === null ? null : network.channel;
  if (router === null || channel === null) return '';
  return (
    `{"t":"router","state":"${router.state()}","address":"${router.address}","rssi":${router.rssiDbm},` +
    `"status":${router.status},"channel":${channel.current}}`
  );
}

/** What only some firmware has: a link over Wi-Fi, and the router with its signal at the root, which the root's score tells. */
function extras(network: Network, linked: boolean, holdsRouter: boolean): string {
  let more = WIFI_TREE && linked ? ',"link":true' : '';
  if (ROUTER && holdsRouter) more += `,"router":${signalOf(network.mesh.tree.rootScore)}`;
  return more;
}

/** The state of a node: this one's own, or another's. `rssi` as JSON, `more` further fields of it. */
function nodeLine(
  network: Network,
  key: string,
  parent: string,
  isRoot: boolean,
  root: string,
  coordinator: boolean,
  rssi: string,
  hops: number,
  ageMs: number,
  sequence: number,
  more: string,
): string {
  const who = `"mac":"${keyToMac(key)}",${nameAndZone(network.nameOf(key), network.zoneOf(key))}`;
  const role = isRoot ? 'root' : 'node';
  return (
    `{"t":"node",${who},"parent":${macOrNull(parent)},"root":${macOrNull(isRoot ? key : root)},"role":"${role}",` +
    `"coordinator":${coordinator ? 'true' : 'false'},"rssi":${rssi},"hops":${hops},"age":${ageMs},"sequence":${sequence}${more}}`
  );
}

/** This node's own state. */
export function ownLine(network: Network, key: string): string {
  const mesh = network.mesh;
  const tree = mesh.tree;
  const sequence = network.gate.lastSequence();
  return nodeLine(
    network,
    key,
    tree.parent,
    tree.isRoot(),
    tree.root,
    mesh.coordinator,
    'null',
    tree.hops,
    0,
    sequence,
    ROUTER || WIFI_TREE ? extras(network, tree.isLinked(), mesh.holdsRouter) : '',
  );
}

/** The state of the node in this row as this one knows it; hops 255 without a path to a root. */
export function otherLine(network: Network, row: number, atMs: number): string {
  const table = network.mesh.table;
  const rows = table.rows;
  const key = rows.key(row);
  const near = table.get(key);
  const advert = near === null ? null : near.advert;
  return nodeLine(
    network,
    key,
    rows.key(row, PARENT),
    (rows.u8(row, FLAGS) & FLAG_ROOT) !== 0,
    advert === null ? network.mesh.tree.root : advert.root,
    (rows.u8(row, FLAGS) & FLAG_COORDINATOR) !== 0,
    near === null ? 'null' : `${near.rssiDbm}`,
    hopsOf(table, network.mesh.tree, row),
    near === null ? table.ageMs(row, atMs) : atMs - near.heardAtMs,
    rows.u24(row, SEQUENCE),
    ROUTER || WIFI_TREE
      ? extras(
          network,
          (rows.u8(row, FLAGS) & FLAG_LINKED) !== 0,
          (rows.u8(row, FLAGS) & (FLAG_ROUTER | FLAG_ROOT)) === (FLAG_ROUTER | FLAG_ROOT),
        )
      : '',
  );
}
