/** Items and the values that they carry: a blob is an index and its chunks, everything else is one item. */
import { concatBytes, equalBytes } from '../../base/bytes.ts';
import { viewOf } from '../cells.ts';
import { ImageError } from '../image-error.ts';
import { CHUNK_MOST_BYTES, DATA_AT, ENTRY, NO_CHUNK, PAGE_BYTES, TYPE } from './format.ts';
import type { NvsItem } from './page.ts';
import { packInteger, packString, unpackInteger, unpackString } from './value.ts';
import type { NvsValue } from './value.ts';

/** The chunks of a blob in order, or undefined when one is missing or the sizes do not add up. */
export function pickChunks(index: NvsItem, candidates: readonly NvsItem[]): NvsItem[] | undefined {
  const view = viewOf(index.data);
  const size = view.getUint32(0, true);
  const count = index.data[ENTRY.chunkCount.at - DATA_AT]!;
  const start = index.data[ENTRY.chunkStart.at - DATA_AT]!;
  const parts: NvsItem[] = [];
  let found = 0;
  for (let i = 0; i < count; i++) {
    const part = candidates.findLast(
      (item) =>
        item.type === TYPE.blobChunk &&
        item.chunk === start + i &&
        item.namespaceIndex === index.namespaceIndex &&
        item.key === index.key,
    );
    if (!part) return undefined;
    parts.push(part);
    found += part.page.payloadAt(part.index).length;
  }
  return found === size ? parts : undefined;
}

/** Of a key's index or single item; chunks are picked from `candidates`. */
export function readValue(item: NvsItem, candidates: readonly NvsItem[]): NvsValue | undefined {
  switch (item.type) {
    case TYPE.string:
      return { kind: 'string', text: unpackString(item.page.payloadAt(item.index)) };
    case TYPE.blobVersion1:
      return { kind: 'blob', bytes: item.page.payloadAt(item.index).slice() };
    case TYPE.blobIndex: {
      const parts = pickChunks(item, candidates);
      if (!parts) return undefined;
      const payloads = parts.map((part) => part.page.payloadAt(part.index));
      return { kind: 'blob', bytes: concatBytes(...payloads) };
    }
    default:
      return unpackInteger(item.type, item.data);
  }
}

/** A value ready to be written. */
export interface Packed {
  blob: boolean;
  type: number;
  data: Uint8Array;
}

/** @throws ImageError value-invalid */
export function pack(value: NvsValue, partitionBytes: number): Packed {
  switch (value.kind) {
    case 'blob': {
      const most = Math.min(partitionBytes / PAGE_BYTES - 1, (NO_CHUNK - 1) / 2) * CHUNK_MOST_BYTES;
      if (value.bytes.length > most) {
        throw new ImageError(
          'value-invalid',
          `NVS: a blob takes at most ${most} bytes in this partition, got ${value.bytes.length}`,
        );
      }
      return { blob: true, type: TYPE.blobChunk, data: value.bytes };
    }
    case 'string':
      return { blob: false, type: TYPE.string, data: packString(value.text) };
    default:
      return { blob: false, ...packInteger(value.kind, value.value) };
  }
}

export function equalValues(a: NvsValue, b: NvsValue): boolean {
  if (a.kind === 'blob') return b.kind === 'blob' && equalBytes(a.bytes, b.bytes);
  if (a.kind === 'string') return b.kind === 'string' && a.text === b.text;
  return b.kind === a.kind && a.value === b.value;
}
