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
 * flags: bit 0 is root, bit 1 has no root or no valid path to it, bit 2 coordinator of its zone.
 * hops: 0 root, 255 no path. (root boot, root sequence) is the newest frame of the root that this path has brought.
 * digest: sum of the marks of all nodes that the sender counts as present, itself included (mesh/mark.ts).
 * a ancestors, 3 bytes each (last three bytes of the MAC), the parent's parent first and the root last;
 * e echoes, 6 bytes each: tail of a neighbour's MAC, low 16 bits of the boot counter it was heard with, RSSI as -dBm;
 * r records, 22 bytes each, of other nodes, stamped by THEIR counter, so that only newer news replaces older:
 *
 *    0        6          9          12      13     14           20          22
 *   +--------+----------+----------+-------+------+------------+-----------+
 *   | MAC    | boot u24 | seq. u24 | flags | hops | parent MAC | info hash |    flags: as above, and bit 7 gone
 *   +--------+----------+----------+-------+------+------------+-----------+
 */
import { readKey, readU16, readU24, writeKey, writeU16, writeU24 } from './cells.ts';

export const ADVERT_FIXED_BYTES = 35;
export const ECHO_BYTES = 6;
export const RECORD_BYTES = 22;
export const HOPS_NONE = 255;
export const COST_NONE = 65535;

const FLAG_ROOT = 1;
const FLAG_LOST = 2;
const FLAG_COORDINATOR = 4;
const FLAG_GONE = 128;

export class Echo {
  tail = 0;
  /** Low 16 bits of the boot counter. */
  bootLow = 0;
  rssiDbm = 0;
}

export class RelayedRecord {
  key = '';
  boot = 0;
  sequence = 0;
  isRoot = false;
  coordinator = false;
  gone = false;
  hops = HOPS_NONE;
  parent = '';
  infoHash = 0;
}

export class Advert {
  isRoot = false;
  /** No root known, or no valid path to it at the moment. */
  lost = false;
  coordinator = false;
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
  ancestors: number[] = [];
  echoes: Echo[] = [];
  records: RelayedRecord[] = [];
}

function flagsOf(isRoot: boolean, lost: boolean, coordinator: boolean, gone: boolean): number {
  let flags = 0;
  if (isRoot) flags |= FLAG_ROOT;
  if (lost) flags |= FLAG_LOST;
  if (coordinator) flags |= FLAG_COORDINATOR;
  if (gone) flags |= FLAG_GONE;
  return flags;
}

export function encodeAdvert(advert: Advert): Uint8Array {
  const echoesAt = ADVERT_FIXED_BYTES + 3 * advert.ancestors.length;
  const recordsAt = echoesAt + ECHO_BYTES * advert.echoes.length;
  const bytes = new Uint8Array(recordsAt + RECORD_BYTES * advert.records.length);
  bytes[0] = flagsOf(advert.isRoot, advert.lost, advert.coordinator, false);
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
  bytes[33] = advert.echoes.length;
  bytes[34] = advert.records.length;
  let at = ADVERT_FIXED_BYTES;
  for (const tail of advert.ancestors) {
    writeU24(bytes, at, tail);
    at += 3;
  }
  for (const echo of advert.echoes) {
    writeU24(bytes, at, echo.tail);
    writeU16(bytes, at + 3, echo.bootLow);
    bytes[at + 5] = -echo.rssiDbm & 0xff;
    at += ECHO_BYTES;
  }
  for (const record of advert.records) {
    writeKey(bytes, at, record.key);
    writeU24(bytes, at + 6, record.boot);
    writeU24(bytes, at + 9, record.sequence);
    bytes[at + 12] = flagsOf(record.isRoot, false, record.coordinator, record.gone);
    bytes[at + 13] = record.hops;
    writeKey(bytes, at + 14, record.parent);
    writeU16(bytes, at + 20, record.infoHash);
    at += RECORD_BYTES;
  }
  return bytes;
}

function decodeRecord(bytes: Uint8Array, at: number): RelayedRecord {
  const record = new RelayedRecord();
  record.key = readKey(bytes, at);
  record.boot = readU24(bytes, at + 6);
  record.sequence = readU24(bytes, at + 9);
  const flags = bytes[at + 12];
  record.isRoot = (flags & FLAG_ROOT) !== 0;
  record.coordinator = (flags & FLAG_COORDINATOR) !== 0;
  record.gone = (flags & FLAG_GONE) !== 0;
  record.hops = bytes[at + 13];
  record.parent = readKey(bytes, at + 14);
  record.infoHash = readU16(bytes, at + 20);
  return record;
}

/** null when the payload is cut short, has bytes to spare, or contradicts itself. */
export function decodeAdvert(bytes: Uint8Array): Advert | null {
  if (bytes.length < ADVERT_FIXED_BYTES) return null;
  const ancestorCount = bytes[32];
  const echoCount = bytes[33];
  const recordCount = bytes[34];
  const size =
    ADVERT_FIXED_BYTES + 3 * ancestorCount + ECHO_BYTES * echoCount + RECORD_BYTES * recordCount;
  if (bytes.length !== size) return null;
  const advert = new Advert();
  const flags = bytes[0];
  advert.isRoot = (flags & FLAG_ROOT) !== 0;
  advert.lost = (flags & FLAG_LOST) !== 0;
  advert.coordinator = (flags & FLAG_COORDINATOR) !== 0;
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
  if (advert.isRoot && (advert.root === '' || advert.parent !== '' || advert.lost)) return null;
  if (!advert.isRoot && !advert.lost && (advert.root === '' || advert.parent === '')) return null;
  let at = ADVERT_FIXED_BYTES;
  for (let i = 0; i < ancestorCount; i += 1) {
    advert.ancestors.push(readU24(bytes, at));
    at += 3;
  }
  for (let i = 0; i < echoCount; i += 1) {
    const echo = new Echo();
    echo.tail = readU24(bytes, at);
    echo.bootLow = readU16(bytes, at + 3);
    echo.rssiDbm = -bytes[at + 5];
    advert.echoes.push(echo);
    at += ECHO_BYTES;
  }
  for (let i = 0; i < recordCount; i += 1) {
    const record = decodeRecord(bytes, at);
    if (record.key === '') return null;
    advert.records.push(record);
    at += RECORD_BYTES;
  }
  return advert;
}
