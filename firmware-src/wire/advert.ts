/**
 * Advert (air frame type 0x40): what a node says about itself, whom it hears, and news of nodes further away.
 * Little-endian; a MAC of zeros means none.
 *
 *    0      1      2       4       6          12      14      16         19         22     24       30       32  33  34
 *   +------+------+-------+-------+----------+-------+-------+----------+----------+------+--------+--------+---+---+---+--
 *   | flags| hops | score | info  | root MAC | root  | root  | root     | root     | path | parent | digest | a | e | r | ...
 *   |      |      | u16   | hash  |          | epoch | score | boot u24 | seq. u24 | cost | MAC    | u16    |   |   |   |
 *   +------+------+-------+-------+----------+-------+-------+----------+----------+------+--------+--------+---+---+---+--
 *
 * While nothing of this changes, a short advert says so; the counters, the cost and the digest that do change come with it. Any full
 * advert from the named one on says the same:
 *
 *    0      1      2            5                8      10       12     13
 *   +------+------+------------+----------------+------+--------+------+---
 *   | 0x40 | e | r| root       | sequence of the| path | digest | root | ...   e in the high four bits, r in the low four;
 *   |      |      | seq. u24   | full one (u24) | cost | u16    | byte |       the last byte of the root's MAC
 *   +------+------+------------+----------------+------+--------+------+---
 *
 * flags: bit 0 is root, bit 1 has no root or no valid path to it, bit 2 coordinator of its zone, bit 3 has a Wi-Fi link to a parent,
 * bit 4 has joined the router, bit 6 short.
 * score: centrality; with a router, that in 10 bits and the signal to the router in 6 above it: dBm + 96, 0 not heard.
 * hops: 0 root, 255 no path. (root boot, root sequence) is the newest frame of the root that this path has brought.
 * digest: sum of the marks of all nodes that the sender counts as present, itself included (mesh/mark.ts).
 * a ancestors, 3 bytes each (last three bytes of the MAC), the parent's parent first and the root last;
 * e echoes, 6 bytes each: tail of a neighbour's MAC, low 16 bits of the boot counter it was heard with, RSSI as -dBm;
 * r records, 21 bytes each, of other nodes, stamped by THEIR counter, so that only newer news replaces older:
 *
 *    0        6          9          12      13           19          21
 *   +--------+----------+----------+-------+------------+-----------+
 *   | MAC    | boot u24 | seq. u24 | flags | parent MAC | info hash |    flags: as above, and bit 7 gone
 *   +--------+----------+----------+-------+------------+-----------+
 *
 * How deep a node is follows from the chain of parents; it would be news of a whole subtree at each change of one parent.
 * The table of nodes (mesh/node-rows.ts) keeps these 21 bytes as they came.
 */
import { ROUTER, WIFI_TREE } from '../features.ts';
import { concatBytes, NO_BYTES } from '../std/bytes.ts';
import { readKey, readU16, readU24, tailOf, writeKey, writeU16, writeU24 } from './cells.ts';

export const ADVERT_FIXED_BYTES = 35;
const SHORT_FIXED_BYTES = 13;
export const ECHO_BYTES = 6;
export const RECORD_BYTES = 21;
export const HOPS_NONE = 255;
export const COST_NONE = 65535;

export const FLAG_ROOT = 1;
const FLAG_LOST = 2;
export const FLAG_COORDINATOR = 4;
export const FLAG_LINKED = 8;
export const FLAG_ROUTER = 16;
const ALL_FLAGS = 31;
const FLAG_SHORT = 0x40;
export const FLAG_GONE = 128;

/** In a score with a router: the signal's steps lie above so many bits of centrality. */
export const SIGNAL_AT = 10;
export const MOST_CENTRALITY = 1023;

export class Advert {
  /** Sequence of the first full advert that said what still holds, in a short one; -1 in a full one. */
  base = -1;
  isRoot = false;
  /** No root known, or no valid path to it at the moment. */
  lost = false;
  coordinator = false;
  /** Its uplink is a Wi-Fi link. */
  linked = false;
  holdsRouter = false;
  hops = HOPS_NONE;
  score = 0;
  infoHash = 0;
  root = '';
  rootEpoch = 0;
  rootScore = 0;
  rootBoot = 0;
  rootSequence = 0;
  cost = COST_NONE;
  parent = '';
  digest = 0;
  /** Last byte of the root's MAC, in a short one. */
  rootByte = 0;
  ancestors: number[] = [];
  /** Of 6 and 21 bytes each, as on the air; empty in an advert that is kept. */
  echoes: Uint8Array = NO_BYTES;
  records: Uint8Array = NO_BYTES;

  /** Takes what a short advert brings into the full one that it is based on. */
  follow(short: Advert): void {
    this.rootSequence = short.rootSequence;
    this.cost = short.cost;
    this.digest = short.digest;
  }

  /** Whether a short advert can stand for this one, now that `before` was sent in full. */
  repeats(before: Advert): boolean {
    const drift = this.score - before.score;
    // With a router, the signal to it must be the same, and what is left is centrality.
    const usual = ROUTER ? before.score & MOST_CENTRALITY : before.score;
    return (
      !this.lost &&
      !before.lost &&
      this.parent === before.parent &&
      this.root === before.root &&
      this.rootEpoch === before.rootEpoch &&
      this.rootScore === before.rootScore &&
      this.rootBoot === before.rootBoot &&
      this.infoHash === before.infoHash &&
      this.coordinator === before.coordinator &&
      (!WIFI_TREE || this.linked === before.linked) &&
      (!ROUTER ||
        (this.holdsRouter === before.holdsRouter &&
          this.score >> SIGNAL_AT === before.score >> SIGNAL_AT)) &&
      16 * drift * drift < 6400 + usual * usual &&
      this.isBelow(before.ancestors)
    );
  }

  /** The same path to the root, and so the same depth. */
  private isBelow(ancestors: readonly number[]): boolean {
    if (ancestors.length !== this.ancestors.length) return false;
    for (let i = 0; i < ancestors.length; i += 1)
      if (ancestors[i] !== this.ancestors[i]) return false;
    return true;
  }

  /** Whether it leads to another root than this one; a short one that happens to share its last byte does not tell. */
  leadsElsewhere(root: string): boolean {
    return this.base < 0 ? this.root !== root : this.rootByte !== (tailOf(root) & 0xff);
  }

  /** Bytes before echoes and records. */
  headBytes(): number {
    return this.base < 0 ? ADVERT_FIXED_BYTES + 3 * this.ancestors.length : SHORT_FIXED_BYTES;
  }
}

export function encodeAdvert(advert: Advert): Uint8Array {
  const bytes = new Uint8Array(advert.headBytes());
  const echoes = Math.floor(advert.echoes.length / ECHO_BYTES);
  const records = Math.floor(advert.records.length / RECORD_BYTES);
  if (advert.base >= 0) {
    bytes[0] = FLAG_SHORT;
    bytes[1] = echoes * 16 + records;
    writeU24(bytes, 2, advert.rootSequence);
    writeU24(bytes, 5, advert.base);
    writeU16(bytes, 8, advert.cost);
    writeU16(bytes, 10, advert.digest);
    bytes[12] = tailOf(advert.root) & 0xff;
    return concatBytes(bytes, advert.echoes, advert.records);
  }
  let flags = 0;
  if (advert.isRoot) flags |= FLAG_ROOT;
  if (advert.lost) flags |= FLAG_LOST;
  if (advert.coordinator) flags |= FLAG_COORDINATOR;
  if (WIFI_TREE && advert.linked) flags |= FLAG_LINKED;
  if (ROUTER && advert.holdsRouter) flags |= FLAG_ROUTER;
  bytes[0] = flags;
  bytes[1] = advert.hops;
  writeU16(bytes, 2, advert.score);
  writeU16(bytes, 4, advert.infoHash);
  writeKey(bytes, 6, advert.root);
  writeU16(bytes, 12, advert.rootEpoch);
  writeU16(bytes, 14, advert.rootScore);
  writeU24(bytes, 16, advert.rootBoot);
  writeU24(bytes, 19, advert.rootSequence);
  writeU16(bytes, 22, advert.cost);
  writeKey(bytes, 24, advert.parent);
  writeU16(bytes, 30, advert.digest);
  bytes[32] = advert.ancestors.length;
  bytes[33] = echoes;
  bytes[34] = records;
  let at = ADVERT_FIXED_BYTES;
  for (const tail of advert.ancestors) {
    writeU24(bytes, at, tail);
    at += 3;
  }
  return concatBytes(bytes, advert.echoes, advert.records);
}

/** null when the payload is cut short, has bytes to spare, or contradicts itself. Echoes and records are views of `bytes`. */
export function decodeAdvert(bytes: Uint8Array): Advert | null {
  if (bytes.length < SHORT_FIXED_BYTES) return null;
  const advert = new Advert();
  const flags = bytes[0];
  let at = SHORT_FIXED_BYTES;
  let echoes = bytes[1] >> 4;
  let records = bytes[1] & 15;
  if (flags === FLAG_SHORT) {
    advert.rootSequence = readU24(bytes, 2);
    advert.base = readU24(bytes, 5);
    advert.cost = readU16(bytes, 8);
    advert.digest = readU16(bytes, 10);
    advert.rootByte = bytes[12];
  } else {
    if (bytes.length < ADVERT_FIXED_BYTES) return null;
    const ancestors = bytes[32];
    echoes = bytes[33];
    records = bytes[34];
    at = ADVERT_FIXED_BYTES + 3 * ancestors;
    if (bytes.length < at || flags > ALL_FLAGS || !decodePlace(advert, bytes)) return null;
    for (let i = 0; i < ancestors; i += 1)
      advert.ancestors.push(readU24(bytes, ADVERT_FIXED_BYTES + 3 * i));
  }
  const recordsAt = at + ECHO_BYTES * echoes;
  const end = recordsAt + RECORD_BYTES * records;
  if (bytes.length !== end) return null;
  advert.echoes = bytes.subarray(at, recordsAt);
  advert.records = bytes.subarray(recordsAt);
  for (at = recordsAt; at < end; at += RECORD_BYTES) {
    if (readU24(bytes, at) + readU24(bytes, at + 3) === 0) return null;
  }
  return advert;
}

/** The fixed part; false when it contradicts itself. */
function decodePlace(advert: Advert, bytes: Uint8Array): boolean {
  const flags = bytes[0];
  advert.isRoot = (flags & FLAG_ROOT) !== 0;
  advert.lost = (flags & FLAG_LOST) !== 0;
  advert.coordinator = (flags & FLAG_COORDINATOR) !== 0;
  if (WIFI_TREE) advert.linked = (flags & FLAG_LINKED) !== 0;
  if (ROUTER) advert.holdsRouter = (flags & FLAG_ROUTER) !== 0;
  advert.hops = bytes[1];
  advert.score = readU16(bytes, 2);
  advert.infoHash = readU16(bytes, 4);
  advert.root = readKey(bytes, 6);
  advert.rootEpoch = readU16(bytes, 12);
  advert.rootScore = readU16(bytes, 14);
  advert.rootBoot = readU24(bytes, 16);
  advert.rootSequence = readU24(bytes, 19);
  advert.cost = readU16(bytes, 22);
  advert.parent = readKey(bytes, 24);
  advert.digest = readU16(bytes, 30);
  if (advert.isRoot) return advert.root !== '' && advert.parent === '' && !advert.lost;
  return advert.lost || (advert.root !== '' && advert.parent !== '');
}
