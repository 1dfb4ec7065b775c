/** Whole NVS partitions: read one, make one, change a board's own. */
import { isErased } from '../cells.ts';
import { hex, ImageError } from '../image-error.ts';
import { ENTRY_STATE, PAGE_BYTES } from './format.ts';
import { NvsPage } from './page.ts';
import type { NvsPageState } from './page.ts';
import { NvsStore } from './store.ts';
import type { NvsEntry } from './value.ts';

export interface NvsPageReport {
  /** Bytes from the start of the partition. */
  at: number;
  state: NvsPageState;
  sequence: number;
  writtenEntries: number;
  erasedEntries: number;
  emptyEntries: number;
}

export interface NvsContents {
  /** In the order in which they were written. */
  entries: NvsEntry[];
  /** As found, before any repair. */
  pages: NvsPageReport[];
  /** In words; empty when all is well. */
  problems: string[];
}

/**
 * Reads a partition as a board would see it after its start.
 * @throws ImageError nvs-invalid: not a whole number of at least three pages, a newer version, no free page, or bytes that are no
 * NVS at all.
 */
export function parseNvs(bytes: Uint8Array): NvsContents {
  const store = NvsStore.load(bytes);
  const pages = reportPages(bytes);
  if (
    pages.every((page) => page.state === 'corrupt' || page.state === 'empty') &&
    !isErased(bytes)
  ) {
    throw new ImageError(
      'nvs-invalid',
      `NVS: none of the ${pages.length} pages has a valid header (first page at ${hex(0)})`,
    );
  }
  return { entries: store.list(), pages, problems: store.problems };
}

function reportPages(bytes: Uint8Array): NvsPageReport[] {
  const reports: NvsPageReport[] = [];
  const readOnly = { bytes, program: refuse, erase: refuse };
  for (let at = 0; at < bytes.length; at += PAGE_BYTES) {
    const page = new NvsPage(readOnly, at);
    const count = (state: number): number => (page.holdsItems ? page.countEntries(state) : 0);
    reports.push({
      at,
      state: page.state,
      sequence: page.sequence,
      writtenEntries: count(ENTRY_STATE.written),
      erasedEntries: count(ENTRY_STATE.erased),
      emptyEntries: count(ENTRY_STATE.empty),
    });
  }
  return reports;
}

function refuse(): never {
  throw new Error('a page that is only reported on was about to be written');
}

/**
 * A new partition holding the entries, written in the order given: the same bytes as a chip writes when it sets them in this
 * order on an erased partition.
 * @throws ImageError value-invalid, nvs-full, or nvs-invalid for an impossible size
 */
export function buildNvs(entries: readonly NvsEntry[], sizeBytes: number): Uint8Array<ArrayBuffer> {
  const store = NvsStore.create(sizeBytes);
  for (const { namespace, key, value } of entries) store.set(namespace, key, value);
  return store.bytes;
}

export interface NvsMerge {
  bytes: Uint8Array<ArrayBuffer>;
  /** What was wrong with the board's own NVS. Entries are repaired in `bytes`; a damaged page is erased when its turn comes. */
  problems: string[];
  /** True when nothing of the board's NVS could be kept. */
  replaced: boolean;
}

/**
 * A board's own NVS with some entries set and some erased; everything else in it (Wi-Fi calibration, other programs' settings)
 * stays as it is. Contents that are no NVS are replaced by a new one, and `replaced` says so.
 * @throws ImageError value-invalid, nvs-full, or nvs-invalid for an impossible size
 */
export function mergeNvs(
  board: Uint8Array,
  changes: { set: readonly NvsEntry[]; erase?: readonly { namespace: string; key: string }[] },
): NvsMerge {
  const { store, problems, replaced } = openForMerge(board);
  for (const { namespace, key } of changes.erase ?? []) store.erase(namespace, key);
  for (const { namespace, key, value } of changes.set) store.set(namespace, key, value);
  return { bytes: store.bytes, problems, replaced };
}

function openForMerge(board: Uint8Array): {
  store: NvsStore;
  problems: string[];
  replaced: boolean;
} {
  try {
    parseNvs(board);
    const store = NvsStore.load(board);
    return { store, problems: store.problems, replaced: false };
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    return { store: NvsStore.create(board.length), problems: [error.message], replaced: true };
  }
}
