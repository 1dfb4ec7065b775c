import { FLAG_GONE } from '../wire/advert.ts';
import { readKey, readU16, readU24, writeKey, writeU16 } from '../wire/cells.ts';
import { MacIndex } from './mac-index.ts';

/**
 * All nodes that this one knows, itself included, as rows of 29 bytes in one array, little-endian:
 *
 *    0                                       21      22                23     25         27      29
 *   +---------------------------------------+-------+-----------------+------+----------+-------+
 *   | record, as it travels (wire/advert.ts)| state | spread | copies | mark | known at | since |
 *   |                                       | bits  | 2 bits | 6 bits | u16  | 1.024 s  | 256 ms|
 *   +---------------------------------------+-------+-----------------+------+----------+-------+
 *
 * A row keeps its number as long as its node is known; free ones have a MAC of zeros. Row 0 is this node.
 */
export const ROW_BYTES = 29;
export const SELF = 0;

/** Places in a row. */
export const BOOT = 6;
export const SEQUENCE = 9;
export const FLAGS = 12;
export const PARENT = 13;
export const INFO = 19;
const STATE = 21;
export const NEWS = 22;
export const MARK = 23;
export const KNOWN = 25;
export const SINCE = 27;

/** Counted and reported as present. */
export const SHOWN = 1;
/** Waits to be reported. */
export const QUEUED = 2;
/** A neighbour, heard and proven: others' news of it does not count. */
export const HEARD = 4;
/** Its path to our root is broken since `since`. */
export const DETACHED = 8;
/** A neighbour lost it at the very frame that we heard last. */
export const SAID_GONE = 16;
/** Is kept as a neighbour, proven or not. */
export const NEAR = 32;

/** Rows added at a time at least. */
const LEAST_STEP = 8;

export class NodeRows {
  bytes: Uint8Array = new Uint8Array(8 * ROW_BYTES);
  view: DataView = new DataView(this.bytes.buffer);
  /** Rows in use or free below this one. */
  size = 0;
  private readonly most: number;
  private free = 0;
  private readonly index: MacIndex = new MacIndex();

  constructor(most: number) {
    this.most = most;
  }

  /** Row of the MAC at `at`, -1 when it is not known. */
  find(view: DataView, at: number): number {
    return this.index.find(view, at);
  }

  findKey(key: string): number {
    return this.index.findKey(key);
  }

  /** A new row for the MAC of this key, all else zero; -1 when there is no room. */
  add(key: string): number {
    if (this.index.size() >= this.most) return -1;
    let row = this.size;
    if (this.free > 0) {
      row = 0;
      while (!this.isFree(row)) row += 1;
    }
    if (!this.index.set(key, row)) return -1;
    if (this.free > 0) this.free -= 1;
    else {
      this.size += 1;
      if (this.size * ROW_BYTES > this.bytes.length) this.grow();
    }
    writeKey(this.bytes, row * ROW_BYTES, key);
    return row;
  }

  private grow(): void {
    const more = this.size >> 2;
    const grown = new Uint8Array((this.size + (more < LEAST_STEP ? LEAST_STEP : more)) * ROW_BYTES);
    grown.set(this.bytes, 0);
    this.bytes = grown;
    this.view = new DataView(grown.buffer);
  }

  remove(row: number): void {
    const at = row * ROW_BYTES;
    this.index.delete(this.view, at);
    for (let i = 0; i < ROW_BYTES; i += 1) this.bytes[at + i] = 0;
    this.free += 1;
  }

  isFree(row: number): boolean {
    return this.u24(row, 0) === 0 && this.u24(row, 3) === 0;
  }

  u8(row: number, place: number): number {
    return this.view.getUint8(row * ROW_BYTES + place);
  }

  u16(row: number, place: number): number {
    return readU16(this.bytes, row * ROW_BYTES + place);
  }

  u24(row: number, place: number): number {
    return readU24(this.bytes, row * ROW_BYTES + place);
  }

  setU16(row: number, place: number, value: number): void {
    writeU16(this.bytes, row * ROW_BYTES + place, value);
  }

  key(row: number, place: number = 0): string {
    return readKey(this.bytes, row * ROW_BYTES + place);
  }

  tail(row: number): number {
    return this.view.getUint32(row * ROW_BYTES + 2) & 0xffffff;
  }

  isGone(row: number): boolean {
    return this.u8(row, FLAGS) >= FLAG_GONE;
  }

  /** Row of its parent, -1 without, or when that is not known. */
  parent(row: number): number {
    return this.index.find(this.view, row * ROW_BYTES + PARENT);
  }

  /** Whether the one is the other's parent. */
  isBelow(row: number, above: number): boolean {
    const view = this.view;
    const parent = row * ROW_BYTES + PARENT;
    const own = above * ROW_BYTES;
    return (
      view.getUint32(parent) === view.getUint32(own) &&
      view.getUint32(parent + 2) === view.getUint32(own + 2)
    );
  }

  /** Whether this bit of its state is set. */
  is(row: number, bit: number): boolean {
    return (this.u8(row, STATE) & bit) !== 0;
  }

  put(row: number, bit: number, on: boolean): void {
    const state = this.u8(row, STATE);
    this.bytes[row * ROW_BYTES + STATE] = (on ? state | bit : state & ~bit) & 0xff;
  }
}
