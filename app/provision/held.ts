/** Whose membership a board carries before it is written: what would be replaced, in words that are no secret. */
import { equalBytes, fromUtf8 } from '../base/bytes.ts';
import type { NetworkRecord, NodeRecord } from '../fleet/record.ts';
import type { NvsEntry } from '../image/nvs/value.ts';
import { identityOf } from './identity.ts';

/**
 * - `none`: no membership, or nothing readable;
 * - `same`: it is the very node that it is going to be;
 * - `sibling`: another node of this network, or this one before its key was replaced;
 * - `foreign`: a node of a network that this one knows nothing of: what is replaced cannot be made again here.
 */
export type HeldKind = 'none' | 'same' | 'sibling' | 'foreign';

export interface HeldIdentity {
  readonly kind: HeldKind;
  /** As the board carries it; empty when it carries none. */
  readonly name: string;
  readonly zone: string;
}

/** @param nvs the whole NVS partition as it is on the board */
export function heldIdentity(
  nvs: Uint8Array,
  network: NetworkRecord,
  node: NodeRecord,
): HeldIdentity {
  const entries = identityOf(nvs);
  const [nodeKey, setupKey] = [blobOf(entries, 'node_key'), blobOf(entries, 'setup_key')];
  if (!nodeKey && !setupKey) return { kind: 'none', name: '', zone: '' };
  const held = { name: textOf(entries, 'name'), zone: textOf(entries, 'zone') };
  if (nodeKey && equalBytes(nodeKey, node.nodeKey)) return { kind: 'same', ...held };
  const ours = setupKey !== null && equalBytes(setupKey, network.keys.setupKey);
  return { kind: ours ? 'sibling' : 'foreign', ...held };
}

function blobOf(entries: readonly NvsEntry[], key: string): Uint8Array | null {
  const value = entries.find((entry) => entry.key === key)?.value;
  return value?.kind === 'blob' ? value.bytes : null;
}

/** Read from a board that may be anybody's: short, and nothing but letters that can be shown. */
function textOf(entries: readonly NvsEntry[], key: string): string {
  const bytes = blobOf(entries, key);
  return bytes ? fromUtf8(bytes.subarray(0, 64)).replaceAll(/[\p{C}\uFFFD]/gu, '') : '';
}
