/**
 * NVS as a log on flash, changed in place like ESP-IDF does it: new items are appended to the active page and then the old ones
 * marked erased; a full page is followed by the next free one; one page always stays free, and when it would be taken, the
 * page with the most unused entries is copied over (its state says "freeing" meanwhile) and erased.
 * A cut of power at any single write leaves either the old or the new value, which `load` repairs as the chip does at start.
 */
import { viewOf } from '../cells.ts';
import { hex, ImageError } from '../image-error.ts';
import {
  CHUNK_MOST_BYTES,
  DATA_AT,
  ENTRY,
  ENTRY_BYTES,
  ENTRY_COUNT,
  ENTRY_STATE,
  LEAST_PAGES,
  OTHER_CHUNK_START,
  PAGE_BYTES,
  TYPE,
  VERSION_2,
} from './format.ts';
import { NvsPage } from './page.ts';
import type { NvsFlash, NvsItem } from './page.ts';
import { equalValues, pack, pickChunks, readValue } from './items.ts';
import { checkNvsName } from './value.ts';
import type { NvsEntry, NvsValue } from './value.ts';

/** Called with every change before it is made, for a flash that lives elsewhere. Offsets from the partition's start. */
export interface NvsFlashListener {
  program?(at: number, data: Uint8Array): void;
  erase?(at: number, sizeBytes: number): void;
}

export class NvsStore {
  /** The partition as it is now. Read it, copy it, do not change it. */
  readonly bytes: Uint8Array<ArrayBuffer>;
  /** What was found broken at load, in words. */
  readonly problems: string[] = [];
  readonly #listener: NvsFlashListener;
  /** In the order of their sequence numbers; the last one is written to. */
  #used: NvsPage[] = [];
  #free: NvsPage[] = [];
  #sequence = 0;

  private constructor(bytes: Uint8Array, listener: NvsFlashListener) {
    this.bytes = new Uint8Array(bytes);
    this.#listener = listener;
  }

  /**
   * @param bytes the whole partition; copied
   * @throws ImageError nvs-invalid: not a whole number of at least three pages, pages of a newer version, or no free page
   * (a board erases such an NVS at its next start).
   */
  static load(bytes: Uint8Array, listener: NvsFlashListener = {}): NvsStore {
    checkPartitionSize(bytes.length);
    const store = new NvsStore(bytes, listener);
    store.#load();
    return store;
  }

  /** A new, erased partition. */
  static create(sizeBytes: number, listener: NvsFlashListener = {}): NvsStore {
    checkPartitionSize(sizeBytes);
    return NvsStore.load(new Uint8Array(sizeBytes).fill(0xff), listener);
  }

  get #flash(): NvsFlash {
    return {
      bytes: this.bytes,
      program: (at, data) => {
        this.#listener.program?.(at, data);
        for (let i = 0; i < data.length; i++) this.bytes[at + i]! &= data[i]!;
      },
      erase: (at, sizeBytes) => {
        this.#listener.erase?.(at, sizeBytes);
        this.bytes.fill(0xff, at, at + sizeBytes);
      },
    };
  }

  #load(): void {
    const flash = this.#flash;
    for (let at = 0; at < this.bytes.length; at += PAGE_BYTES) {
      const page = new NvsPage(flash, at);
      if (page.holdsItems && page.version < VERSION_2) {
        throw new ImageError(
          'nvs-invalid',
          `NVS: page at ${hex(at)} has format version byte ${hex(page.version)}, newer than the known 0xFE`,
        );
      }
      if (page.state === 'corrupt')
        this.problems.push(`page at ${hex(at)} is damaged: its content is lost`);
      (page.holdsItems ? this.#used : this.#free).push(page);
    }
    this.#used.sort((a, b) => a.sequence - b.sequence || a.at - b.at);
    const last = this.#used.at(-1);
    this.#sequence = last ? last.sequence + 1 : 0;
    for (const page of this.#used) this.#repairPage(page);
    if (!last) this.#activate();
    this.#finishFreeing();
    if (this.#free.length === 0) {
      throw new ImageError(
        'nvs-invalid',
        `NVS: none of its ${this.bytes.length / PAGE_BYTES} pages is free; a board erases such an NVS when it starts`,
      );
    }
    this.#dropSuperseded();
  }

  /** Entries that a cut of power left half written, or that decayed, are marked erased. */
  #repairPage(page: NvsPage): void {
    for (let i = 0; i < page.nextFree && page.state === 'active'; i++) {
      if (page.entryState(i) === ENTRY_STATE.empty) page.setEntryStates(i, 1, ENTRY_STATE.erased);
    }
    const faulty: number[] = [];
    for (const item of page.items((index, reason) => {
      faulty.push(index);
      this.problems.push(`page at ${hex(page.at)}, entry ${index}: ${reason}`);
    })) {
      void item;
    }
    for (const index of faulty) page.setEntryStates(index, 1, ENTRY_STATE.erased);
  }

  #finishFreeing(): void {
    const freeing = this.#used.find((page) => page.state === 'freeing');
    if (!freeing) return;
    this.problems.push(`page at ${hex(freeing.at)} was being freed: finished`);
    const target = this.#used.at(-1)!;
    if (target.state === 'active') {
      target.erase();
      this.#used.pop();
      this.#free.push(target);
    }
    this.#moveTo(freeing);
  }

  /** Two items of one key: the later one counts. Chunks without an index and indexes without all chunks go. */
  #dropSuperseded(): void {
    const last = new Map<string, NvsItem>();
    const chunks: NvsItem[] = [];
    for (const item of this.#items()) {
      if (item.type === TYPE.blobChunk) {
        chunks.push(item);
        continue;
      }
      const name = `${item.namespaceIndex}/${item.key}`;
      const before = last.get(name);
      if (before) before.page.eraseItem(before);
      last.set(name, item);
    }
    const wanted = new Set<NvsItem>();
    for (const item of last.values()) {
      if (item.type !== TYPE.blobIndex) continue;
      const parts = pickChunks(item, chunks);
      if (parts) for (const part of parts) wanted.add(part);
      else {
        this.problems.push(`blob "${item.key}" is not complete`);
        item.page.eraseItem(item);
      }
    }
    for (const chunk of chunks) if (!wanted.has(chunk)) chunk.page.eraseItem(chunk);
  }

  *#items(): Generator<NvsItem> {
    for (const page of this.#used) yield* page.items();
  }

  get pages(): readonly NvsPage[] {
    return [...this.#used, ...this.#free].sort((a, b) => a.at - b.at);
  }

  get freePageCount(): number {
    return this.#free.length;
  }

  #namespaces(): Map<string, number> {
    const names = new Map<string, number>();
    for (const item of this.#items()) {
      if (item.namespaceIndex === 0 && item.type === TYPE.u8) names.set(item.key, item.data[0]!);
    }
    return names;
  }

  /** Everything stored, in the order in which it was written. */
  list(): NvsEntry[] {
    const names = new Map<number, string>();
    for (const [name, index] of this.#namespaces()) names.set(index, name);
    const items = [...this.#items()];
    const chunks = items.filter((item) => item.type === TYPE.blobChunk);
    const entries: NvsEntry[] = [];
    for (const item of items) {
      if (item.namespaceIndex === 0 || item.type === TYPE.blobChunk) continue;
      const namespace = names.get(item.namespaceIndex);
      const value = readValue(item, chunks);
      if (value === undefined) continue;
      entries.push({ namespace: namespace ?? `#${item.namespaceIndex}`, key: item.key, value });
    }
    return entries;
  }

  get(namespace: string, key: string): NvsValue | undefined {
    const index = this.#namespaces().get(namespace);
    if (index === undefined) return undefined;
    const items = this.#find(index, key);
    const item = items.findLast((i) => i.type !== TYPE.blobChunk);
    return item && readValue(item, items);
  }

  #find(namespaceIndex: number, key: string): NvsItem[] {
    const found: NvsItem[] = [];
    for (const item of this.#items()) {
      if (item.namespaceIndex === namespaceIndex && item.key === key) found.push(item);
    }
    return found;
  }

  /**
   * An equal value is not written again.
   * @throws ImageError value-invalid for a name or value that NVS cannot hold, nvs-full when it does not fit (the old value stays).
   */
  set(namespace: string, key: string, value: NvsValue): void {
    checkNvsName('namespace', namespace);
    checkNvsName('key', key);
    const packed = pack(value, this.bytes.length);
    const namespaceIndex = this.#openNamespace(namespace);
    const before = this.#find(namespaceIndex, key);
    const index = before.findLast((item) => item.type !== TYPE.blobChunk);
    const old = index && readValue(index, before);
    if (old && equalValues(old, value)) return;
    if (packed.blob) {
      const start =
        index?.type === TYPE.blobIndex && index.data[ENTRY.chunkStart.at - DATA_AT] === 0
          ? OTHER_CHUNK_START
          : 0;
      this.#writeBlob(namespaceIndex, key, packed.data, start);
    } else {
      this.#write({ namespaceIndex, key, type: packed.type, data: packed.data });
    }
    if (index) this.#eraseOlder(namespaceIndex, key);
  }

  /** @returns whether there was such a key. */
  erase(namespace: string, key: string): boolean {
    const namespaceIndex = this.#namespaces().get(namespace);
    if (namespaceIndex === undefined) return false;
    const items = this.#find(namespaceIndex, key);
    // The index first: chunks without one are nobody's.
    items.sort((a, b) => Number(a.type === TYPE.blobChunk) - Number(b.type === TYPE.blobChunk));
    for (const item of items) item.page.eraseItem(item);
    return items.length > 0;
  }

  #openNamespace(namespace: string): number {
    const names = this.#namespaces();
    const known = names.get(namespace);
    if (known !== undefined) return known;
    const taken = new Set(names.values());
    // Items whose namespace entry was lost with a damaged page must not turn up under a new name.
    for (const item of this.#items()) taken.add(item.namespaceIndex);
    for (let index = 1; index < 255; index++) {
      if (taken.has(index)) continue;
      this.#write({
        namespaceIndex: 0,
        type: TYPE.u8,
        key: namespace,
        data: Uint8Array.of(index),
      });
      return index;
    }
    throw new ImageError('nvs-full', 'NVS: all 254 namespaces are taken');
  }

  #write(item: { namespaceIndex: number; type: number; key: string; data: Uint8Array }): void {
    if (this.#current.write(item)) return;
    this.#nextPage(item.key);
    if (!this.#current.write(item)) throw full(item.key);
  }

  get #current(): NvsPage {
    return this.#used.at(-1)!;
  }

  #writeBlob(namespaceIndex: number, key: string, bytes: Uint8Array, start: number): void {
    const written: number[] = [];
    let at = 0;
    try {
      for (let moves = 0; ;) {
        const tailroom = this.#current.tailroomBytes;
        const tight = tailroom < bytes.length || tailroom === 0;
        if (written.length === 0 && tight && tailroom < CHUNK_MOST_BYTES / 10) {
          this.#nextPage(key);
          if (this.#current.tailroomBytes === tailroom || ++moves > this.#used.length)
            throw full(key);
          continue;
        }
        if (tailroom === 0) throw full(key);
        const size = Math.min(bytes.length - at, tailroom);
        const chunk = start + written.length;
        const data = bytes.subarray(at, at + size);
        if (!this.#current.write({ namespaceIndex, type: TYPE.blobChunk, key, chunk, data })) {
          throw full(key);
        }
        written.push(chunk);
        at += size;
        if (at < bytes.length || tailroom - size < ENTRY_BYTES) this.#nextPage(key);
        if (at === bytes.length) break;
      }
      const index = new Uint8Array(8).fill(0xff);
      viewOf(index).setUint32(0, bytes.length, true);
      index[ENTRY.chunkCount.at - DATA_AT] = written.length;
      index[ENTRY.chunkStart.at - DATA_AT] = start;
      if (!this.#current.write({ namespaceIndex, type: TYPE.blobIndex, key, data: index })) {
        throw full(key);
      }
    } catch (error) {
      if (error instanceof ImageError) {
        for (const item of this.#find(namespaceIndex, key)) {
          if (item.type === TYPE.blobChunk && written.includes(item.chunk))
            item.page.eraseItem(item);
        }
      }
      throw error;
    }
  }

  /** All but the latest of a key, after it was written anew. */
  #eraseOlder(namespaceIndex: number, key: string): void {
    const items = this.#find(namespaceIndex, key);
    const latest = items.findLast((item) => item.type !== TYPE.blobChunk)!;
    const keep = new Set<NvsItem>([latest]);
    if (latest.type === TYPE.blobIndex) {
      for (const chunk of pickChunks(latest, items) ?? []) keep.add(chunk);
    }
    const old = items.filter((item) => !keep.has(item));
    old.sort((a, b) => Number(a.type === TYPE.blobChunk) - Number(b.type === TYPE.blobChunk));
    for (const item of old) item.page.eraseItem(item);
  }

  #nextPage(key: string): void {
    if (this.#current.state === 'active') this.#current.mark('full');
    if (this.#free.length === 0) throw full(key);
    if (this.#free.length >= 2) {
      this.#activate();
      return;
    }
    let victim: NvsPage | undefined;
    let mostUnused = 0;
    for (const page of this.#used) {
      const unused = ENTRY_COUNT - page.countEntries(ENTRY_STATE.written);
      if (unused > mostUnused) {
        mostUnused = unused;
        victim = page;
      }
    }
    if (!victim) throw full(key);
    victim.mark('freeing');
    this.#moveTo(victim);
  }

  #activate(): void {
    const page = this.#free.shift();
    if (!page) throw new ImageError('nvs-full', 'NVS: no page is free');
    page.activate(this.#sequence++);
    this.#used.push(page);
  }

  /** Copies what is left of a page to a new one and frees it. */
  #moveTo(from: NvsPage): void {
    this.#activate();
    for (const item of from.items()) this.#current.copy(item);
    from.erase();
    this.#used.splice(this.#used.indexOf(from), 1);
    this.#free.push(from);
  }
}

function full(key: string): ImageError {
  return new ImageError(
    'nvs-full',
    `NVS: no room left for "${key}"; what was stored before is unchanged`,
  );
}

/** @throws ImageError nvs-invalid */
export function checkPartitionSize(sizeBytes: number): void {
  if (sizeBytes % PAGE_BYTES === 0 && sizeBytes >= LEAST_PAGES * PAGE_BYTES) return;
  throw new ImageError(
    'nvs-invalid',
    `NVS: expected a whole number of 4096-byte pages, at least ${LEAST_PAGES}, got ${sizeBytes} bytes`,
  );
}
