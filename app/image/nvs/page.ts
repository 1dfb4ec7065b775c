/** One NVS page on NOR flash: see format.ts for the drawing. */
import { concatBytes } from '../../base/bytes.ts';
import { isErased, viewOf } from '../cells.ts';
import {
  BITMAP_AT,
  CHUNK_MOST_BYTES,
  DATA_AT,
  ENTRIES_AT,
  ENTRY,
  ENTRY_BYTES,
  ENTRY_COUNT,
  ENTRY_STATE,
  entryCrc,
  isVariableLength,
  KEY_AT,
  KEY_BYTES,
  NO_CHUNK,
  nvsCrc,
  PAGE_BYTES,
  PAGE_CRC_FROM,
  PAGE_CRC_TO,
  PAGE_HEADER,
  PAGE_STATE,
  VERSION_2,
} from './format.ts';

/** The flash below: programming only clears bits, erasing sets a whole page to FF. Offsets from the start of the partition. */
export interface NvsFlash {
  readonly bytes: Uint8Array;
  program(at: number, data: Uint8Array): void;
  erase(at: number, sizeBytes: number): void;
}

export type NvsPageState = 'empty' | 'active' | 'full' | 'freeing' | 'corrupt';

export interface NvsItem {
  page: NvsPage;
  /** Number of its first entry in the page. */
  index: number;
  span: number;
  namespaceIndex: number;
  type: number;
  chunk: number;
  /** Latin-1 reading of the key's bytes up to the first NUL. */
  key: string;
  /** The entry's eight data bytes. */
  data: Uint8Array;
}

export interface NewItem {
  namespaceIndex: number;
  type: number;
  key: string;
  chunk?: number;
  /** The data bytes of an integer or index, or the payload of a string or chunk. */
  data: Uint8Array;
}

export class NvsPage {
  readonly at: number;
  state: NvsPageState = 'empty';
  sequence = 0;
  version = VERSION_2;
  /** First entry that can be written; ENTRY_COUNT when there is none. */
  nextFree = 0;
  readonly #flash: NvsFlash;

  constructor(flash: NvsFlash, at: number) {
    this.#flash = flash;
    this.at = at;
    this.#readHeader();
  }

  get #bytes(): Uint8Array {
    return this.#flash.bytes.subarray(this.at, this.at + PAGE_BYTES);
  }

  #readHeader(): void {
    const bytes = this.#bytes;
    const view = viewOf(bytes);
    const state = PAGE_HEADER.state.get(view);
    if (state === PAGE_STATE.empty) {
      this.state = isErased(bytes) ? 'empty' : 'corrupt';
      return;
    }
    this.sequence = PAGE_HEADER.sequence.get(view);
    this.version = PAGE_HEADER.version.get(view);
    const crc = nvsCrc(bytes.subarray(PAGE_CRC_FROM, PAGE_CRC_TO));
    if (PAGE_HEADER.crc.get(view) !== crc) this.state = 'corrupt';
    else if (state === PAGE_STATE.active) this.state = 'active';
    else if (state === PAGE_STATE.full) this.state = 'full';
    else if (state === PAGE_STATE.freeing) this.state = 'freeing';
    else this.state = 'corrupt';
    this.nextFree = ENTRY_COUNT;
    if (this.state !== 'active') return;
    // Bytes may have been written although the bitmap does not say so yet: nothing may be written over them.
    while (this.nextFree > 0 && this.#isUntouched(this.nextFree - 1)) this.nextFree--;
  }

  #isUntouched(index: number): boolean {
    return this.entryState(index) === ENTRY_STATE.empty && isErased(this.entryBytes(index));
  }

  get holdsItems(): boolean {
    return this.state === 'active' || this.state === 'full' || this.state === 'freeing';
  }

  entryState(index: number): number {
    return (this.#bytes[BITMAP_AT + (index >> 2)]! >> (2 * (index & 3))) & 3;
  }

  countEntries(state: number): number {
    let count = 0;
    for (let i = 0; i < ENTRY_COUNT; i++) if (this.entryState(i) === state) count++;
    return count;
  }

  /** Bytes of payload that a chunk written now could carry. */
  get tailroomBytes(): number {
    if (this.state === 'empty') return CHUNK_MOST_BYTES;
    if (this.state !== 'active') return 0;
    return Math.max(0, (ENTRY_COUNT - this.nextFree - 1) * ENTRY_BYTES);
  }

  entryBytes(index: number): Uint8Array {
    const at = ENTRIES_AT + index * ENTRY_BYTES;
    return this.#bytes.subarray(at, at + ENTRY_BYTES);
  }

  /**
   * What cannot be an item at a written entry: the reason, or undefined. A reader skips one entry over a bad one, as the chip does.
   */
  faultAt(index: number): string | undefined {
    const entry = this.entryBytes(index);
    const view = viewOf(entry);
    if (ENTRY.crc.get(view) !== entryCrc(entry)) return 'its CRC does not fit';
    const span = ENTRY.span.get(view);
    const type = ENTRY.type.get(view);
    if (!isVariableLength(type)) {
      return span === 1 ? undefined : `a single entry claims to span ${span}`;
    }
    if (span < 1 || index + span > ENTRY_COUNT) return `it claims to span ${span} entries`;
    if (ENTRY.payloadBytes.get(view) > (span - 1) * ENTRY_BYTES) {
      return `it claims ${ENTRY.payloadBytes.get(view)} bytes in ${span - 1} entries`;
    }
    for (let i = index + 1; i < index + span; i++) {
      if (this.entryState(i) !== ENTRY_STATE.written) return 'its payload was not written whole';
    }
    if (ENTRY.payloadCrc.get(view) !== nvsCrc(this.payloadAt(index))) {
      return "its payload's CRC does not fit";
    }
    return undefined;
  }

  payloadAt(index: number): Uint8Array {
    const size = ENTRY.payloadBytes.get(viewOf(this.entryBytes(index)));
    const at = ENTRIES_AT + (index + 1) * ENTRY_BYTES;
    return this.#bytes.subarray(at, at + size);
  }

  /** Sound items in the order in which they were written. */
  *items(onFault?: (index: number, reason: string) => void): Generator<NvsItem> {
    if (!this.holdsItems) return;
    for (let index = 0; index < ENTRY_COUNT;) {
      if (this.entryState(index) !== ENTRY_STATE.written) {
        index++;
        continue;
      }
      const reason = this.faultAt(index);
      if (reason !== undefined) {
        onFault?.(index, reason);
        index++;
        continue;
      }
      const item = this.#item(index);
      yield item;
      index += item.span;
    }
  }

  #item(index: number): NvsItem {
    const entry = this.entryBytes(index);
    const view = viewOf(entry);
    let key = '';
    for (let i = KEY_AT; i < KEY_AT + KEY_BYTES && entry[i] !== 0; i++) {
      key += String.fromCharCode(entry[i]!);
    }
    return {
      page: this,
      index,
      span: ENTRY.span.get(view),
      namespaceIndex: ENTRY.namespaceIndex.get(view),
      type: ENTRY.type.get(view),
      chunk: ENTRY.chunk.get(view),
      key,
      data: entry.slice(DATA_AT),
    };
  }

  /** The page becomes the one that is written to; its header follows with the first item. */
  activate(sequence: number): void {
    if (this.state === 'corrupt') this.erase();
    this.sequence = sequence;
  }

  /** @returns false when the page has no room for it. */
  write(item: NewItem): boolean {
    const variable = isVariableLength(item.type);
    const payload = variable ? item.data : new Uint8Array();
    const span = 1 + Math.ceil(payload.length / ENTRY_BYTES);
    if (this.state === 'empty') this.#initialise();
    if (this.state !== 'active' || this.nextFree + span > ENTRY_COUNT) return false;
    const entry = new Uint8Array(ENTRY_BYTES).fill(0xff);
    const view = viewOf(entry);
    ENTRY.namespaceIndex.set(view, 0, item.namespaceIndex);
    ENTRY.type.set(view, 0, item.type);
    ENTRY.span.set(view, 0, span);
    ENTRY.chunk.set(view, 0, item.chunk ?? NO_CHUNK);
    entry.fill(0, KEY_AT, KEY_AT + KEY_BYTES);
    for (let i = 0; i < item.key.length; i++) entry[KEY_AT + i] = item.key.charCodeAt(i);
    if (variable) {
      ENTRY.payloadBytes.set(view, 0, payload.length);
      ENTRY.payloadCrc.set(view, 0, nvsCrc(payload));
    } else {
      entry.set(item.data, DATA_AT);
    }
    ENTRY.crc.set(view, 0, entryCrc(entry));
    this.#append(entry);
    // Whole entries in one go, the rest padded: each is marked as written only after its bytes are on flash.
    const whole = payload.length - (payload.length % ENTRY_BYTES);
    if (whole > 0) this.#append(payload.subarray(0, whole));
    if (whole < payload.length) {
      const padding = new Uint8Array(ENTRY_BYTES - (payload.length - whole)).fill(0xff);
      this.#append(concatBytes(payload.subarray(whole), padding));
    }
    return true;
  }

  /** Copies an item of another page byte for byte. */
  copy(item: NvsItem): void {
    if (this.state === 'empty') this.#initialise();
    for (let i = 0; i < item.span; i++) this.#append(item.page.entryBytes(item.index + i).slice());
  }

  #append(entries: Uint8Array): void {
    const count = entries.length / ENTRY_BYTES;
    this.#flash.program(this.at + ENTRIES_AT + this.nextFree * ENTRY_BYTES, entries);
    this.setEntryStates(this.nextFree, count, ENTRY_STATE.written);
    this.nextFree += count;
  }

  /** From the last entry to the first, a 32-bit word at a time, as the chip does it. */
  setEntryStates(index: number, count: number, state: number): void {
    const bitmap = this.#bytes.slice(BITMAP_AT, ENTRIES_AT);
    for (let i = index; i < index + count; i++) {
      const shift = 2 * (i & 3);
      bitmap[i >> 2] = (bitmap[i >> 2]! & ~(3 << shift)) | (state << shift);
    }
    for (let word = (index + count - 1) >> 4; word >= index >> 4; word--) {
      this.#flash.program(this.at + BITMAP_AT + 4 * word, bitmap.subarray(4 * word, 4 * word + 4));
    }
  }

  eraseItem(item: NvsItem): void {
    this.setEntryStates(item.index, item.span, ENTRY_STATE.erased);
  }

  #initialise(): void {
    const header = new Uint8Array(ENTRY_BYTES).fill(0xff);
    const view = viewOf(header);
    PAGE_HEADER.state.set(view, 0, PAGE_STATE.active);
    PAGE_HEADER.sequence.set(view, 0, this.sequence);
    PAGE_HEADER.version.set(view, 0, VERSION_2);
    PAGE_HEADER.crc.set(view, 0, nvsCrc(header.subarray(PAGE_CRC_FROM, PAGE_CRC_TO)));
    this.#flash.program(this.at, header);
    this.version = VERSION_2;
    this.state = 'active';
    this.nextFree = 0;
  }

  mark(state: 'full' | 'freeing'): void {
    const word = new Uint8Array(4);
    viewOf(word).setUint32(0, PAGE_STATE[state], true);
    this.#flash.program(this.at, word);
    this.state = state;
    this.nextFree = ENTRY_COUNT;
  }

  erase(): void {
    this.#flash.erase(this.at, PAGE_BYTES);
    this.state = 'empty';
    this.nextFree = 0;
  }
}
