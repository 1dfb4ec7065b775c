/**
 * How the root learns who could be linked to whom, and says who shall be. Tails are the last three bytes of a MAC; little-endian.
 *
 * Report, from a linked node to the root:
 *    0        3       4            5
 *   +--------+-------+-----------+-------------------+--------------------------------
 *   | tail   | limit | children  | tails of children | heard: tail u24, strength u8 ...
 *   +--------+-------+-----------+-------------------+--------------------------------
 * strength: RSSI without its sign, and bit 7 when that neighbour seeks a parent and would take us.
 * A node that seeks in vain for long reports, too: on the air, to its parent in the logical tree, and so on up to the first one with a link.
 *
 * Grant, from the root along the links to the node that shall offer itself:
 *    0       1            4       5
 *   +-------+------------+-------+------------------------------------------
 *   | flags | candidate  | count | tails on the way, that of the receiver first
 *   +-------+------------+-------+------------------------------------------
 * flags: bit 0, the candidate has a link and shall change it; or bit 1, it is a child of the receiver, who lets it go.
 *
 * On the air (frame type 0x46), for lack of a link:
 *   seek   01 | count | tails: this node wants a parent, but none of these, whom it could not join
 *   offer  02 | flags as above | slot | MAC of the candidate | MAC of the access point | boot u24 | subnet u16 | count | tails
 *          above the sender
 *   tell   03 | tail of the one who passes it on | report
 * The name and password of the access point follow from the sender's MAC and the boot counter under which it opened (LABEL_POINT), so
 * they are never sent. The candidate's address is 10.x.y.(slot + 2) with x.y the subnet's two bytes, the access point's 10.x.y.1.
 */
import { NO_NODE, readKey, readU16, readU24, writeKey, writeU16, writeU24 } from './cells.ts';
import { decodeTails, encodeTails } from './link-frame.ts';

export const AIR_SEEK = 1;
export const AIR_OFFER = 2;
export const AIR_TELL = 3;
export const HEARD_BYTES = 4;
export const MOST_HEARD = 24;
export const SEEKS = 0x80;
export const MOST_SLOTS = 9;
const REPORT_FIXED_BYTES = 5;
const OFFER_FIXED_BYTES = 20;
/** Bytes of a tell before the report. */
export const TELL_LEAD_BYTES = 4;

export class LinkReport {
  tail = 0;
  /** Children that it can have. */
  limit = 0;
  children: number[] = [];
  /** HEARD_BYTES each. */
  heard: Uint8Array = new Uint8Array(0);
}

export function encodeReport(report: LinkReport): Uint8Array {
  const { children, heard } = report;
  const at = REPORT_FIXED_BYTES + 3 * children.length;
  const bytes = new Uint8Array(at + heard.length);
  writeU24(bytes, 0, report.tail);
  bytes[3] = report.limit;
  bytes[4] = children.length;
  for (let i = 0; i < children.length; i += 1)
    writeU24(bytes, REPORT_FIXED_BYTES + 3 * i, children[i]);
  bytes.set(heard, at);
  return bytes;
}

/** Null when it is cut, or names more than a node can have. */
export function decodeReport(bytes: Uint8Array): LinkReport | null {
  if (bytes.length < REPORT_FIXED_BYTES) return null;
  const report = new LinkReport();
  report.tail = readU24(bytes, 0);
  report.limit = bytes[3];
  const at = REPORT_FIXED_BYTES + 3 * bytes[4];
  const heardBytes = bytes.length - at;
  if (bytes[4] > MOST_SLOTS || heardBytes < 0 || heardBytes % HEARD_BYTES !== 0) return null;
  if (heardBytes > MOST_HEARD * HEARD_BYTES) return null;
  for (let next = REPORT_FIXED_BYTES; next < at; next += 3)
    report.children.push(readU24(bytes, next));
  report.heard = bytes.slice(at);
  return report;
}

export class Grant {
  moves = false;
  /** The candidate is let go, to nobody. */
  releases = false;
  candidate = 0;
  route: number[] = [];
}

export function encodeGrant(grant: Grant): Uint8Array {
  const c = grant.candidate;
  const lead = [grant.releases ? 2 : grant.moves ? 1 : 0, c & 0xff, (c >> 8) & 0xff, c >> 16];
  return encodeTails(lead, grant.route);
}

export function decodeGrant(bytes: Uint8Array): Grant | null {
  const route = decodeTails(bytes, 4);
  if (route === null || route.length === 0 || bytes[0] > 2) return null;
  const grant = new Grant();
  grant.moves = bytes[0] === 1;
  grant.releases = bytes[0] === 2;
  grant.candidate = readU24(bytes, 1);
  grant.route = route;
  return grant;
}

/** A node offers itself as parent to one candidate. */
export class LinkOffer {
  moves = false;
  slot = 0;
  candidate = '';
  /** MAC of the access point. */
  point = '';
  /** Boot counter of the sender when it opened. */
  boot = 0;
  subnet = 0;
  /** Above the sender, nearest first; empty: it is the root. */
  path: number[] = [];
}

export function encodeOffer(offer: LinkOffer): Uint8Array {
  const tails = encodeTails([], offer.path);
  const bytes = new Uint8Array(OFFER_FIXED_BYTES + tails.length);
  bytes[0] = AIR_OFFER;
  bytes[1] = offer.moves ? 1 : 0;
  bytes[2] = offer.slot;
  writeKey(bytes, 3, offer.candidate);
  writeKey(bytes, 9, offer.point);
  writeU24(bytes, 15, offer.boot);
  writeU16(bytes, 18, offer.subnet);
  bytes.set(tails, OFFER_FIXED_BYTES);
  return bytes;
}

/** `bytes` of an AIR_OFFER; null when no sender writes such. */
export function decodeOffer(bytes: Uint8Array): LinkOffer | null {
  const path = decodeTails(bytes, OFFER_FIXED_BYTES);
  if (path === null || bytes[0] !== AIR_OFFER || bytes[1] > 1 || bytes[2] >= MOST_SLOTS)
    return null;
  const offer = new LinkOffer();
  offer.moves = bytes[1] === 1;
  offer.slot = bytes[2];
  offer.candidate = readKey(bytes, 3);
  offer.point = readKey(bytes, 9);
  offer.boot = readU24(bytes, 15);
  offer.subnet = readU16(bytes, 18);
  offer.path = path;
  return offer.candidate === NO_NODE || offer.point === NO_NODE ? null : offer;
}

export function encodeSeek(refused: readonly number[]): Uint8Array {
  return encodeTails([AIR_SEEK], refused);
}

/** Whom the sender refuses; null when it is no seek. */
export function decodeSeek(bytes: Uint8Array): number[] | null {
  return bytes.length > 0 && bytes[0] === AIR_SEEK ? decodeTails(bytes, 1) : null;
}

/** `report` as encoded, for the neighbour with that tail. */
export function encodeTell(next: number, report: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(TELL_LEAD_BYTES + report.length);
  bytes[0] = AIR_TELL;
  writeU24(bytes, 1, next);
  bytes.set(report, TELL_LEAD_BYTES);
  return bytes;
}

/** Tail of who is to pass the report on; -1 when it is no tell. */
export function decodeTell(bytes: Uint8Array): number {
  return bytes.length > TELL_LEAD_BYTES && bytes[0] === AIR_TELL ? readU24(bytes, 1) : -1;
}
