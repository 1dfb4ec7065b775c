/** What a thief of the browser's profile would find, and the secrets that must not be in it. */
import type { Page } from '@playwright/test';
import { bytesToHex, fromUtf8, hexToBytes, toBase64Url } from '../app/base/bytes.ts';
import { networkFromJson, nodeRecordFromJson } from '../app/fleet/files.ts';
import { openVault, type Sealed, type VaultHeader } from '../app/fleet/vault.ts';

/** A value of IndexedDB as JSON: bytes become { hex }. */
type Stored =
  string | number | boolean | null | { hex: string } | Stored[] | { [key: string]: Stored };

export interface StoredData {
  readonly databases: Record<string, Record<string, Stored[]>>;
  readonly localStorage: Record<string, string>;
  readonly sessionStorage: Record<string, string>;
}

/** Every row of every database of the page, and its two storages. */
export function readStored(page: Page): Promise<StoredData> {
  return page.evaluate(async () => {
    const settled = <T>(request: IDBRequest<T>): Promise<T> =>
      new Promise((resolve, reject) => {
        request.onsuccess = () => resolve(request.result);
        request.onerror = () => reject(request.error);
      });
    const hex = (bytes: Uint8Array): string => {
      let text = '';
      for (const byte of bytes) text += byte.toString(16).padStart(2, '0');
      return text;
    };
    const plain = (value: unknown): Stored => {
      if (value instanceof ArrayBuffer) return { hex: hex(new Uint8Array(value)) };
      if (ArrayBuffer.isView(value)) {
        return { hex: hex(new Uint8Array(value.buffer, value.byteOffset, value.byteLength)) };
      }
      if (Array.isArray(value)) return value.map(plain);
      if (typeof value === 'object' && value !== null) {
        return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, plain(entry)]));
      }
      return value as string | number | boolean | null;
    };
    const databases: Record<string, Record<string, Stored[]>> = {};
    for (const { name = '' } of await indexedDB.databases()) {
      const database = await settled(indexedDB.open(name));
      const stores: Record<string, Stored[]> = {};
      for (const store of database.objectStoreNames) {
        stores[store] = (
          await settled(database.transaction(store).objectStore(store).getAll())
        ).map(plain);
      }
      database.close();
      databases[name] = stores;
    }
    return {
      databases,
      localStorage: { ...localStorage },
      sessionStorage: { ...sessionStorage },
    };
  });
}

/** The same with the bytes brought back. */
function revive(value: Stored): unknown {
  if (Array.isArray(value)) return value.map(revive);
  if (typeof value !== 'object' || value === null) return value;
  const keys = Object.keys(value);
  if (keys.length === 1 && 'hex' in value && typeof value['hex'] === 'string') {
    return hexToBytes(value['hex']);
  }
  return Object.fromEntries(Object.entries(value).map(([key, entry]) => [key, revive(entry)]));
}

interface NetworkRow {
  id: string;
  vault: VaultHeader;
  sealed: Sealed;
}
interface NodeRow {
  networkId: string;
  id: string;
  sealed: Sealed;
}

export interface Secrets {
  /** What they are and their bytes. */
  readonly keys: readonly (readonly [string, Uint8Array])[];
  readonly macs: readonly string[];
}

/** Opens the stored fleet with the passphrase, as only its owner can. */
export async function secretsOf(stored: StoredData, passphrase: string): Promise<Secrets> {
  const fleet = stored.databases['meshwright-fleet'] ?? {};
  const networks = (fleet['networks'] ?? []).map((row) => revive(row) as NetworkRow);
  const nodes = (fleet['nodes'] ?? []).map((row) => revive(row) as NodeRow);
  const keys: [string, Uint8Array][] = [];
  const macs: string[] = [];
  for (const row of networks) {
    const vault = await openVault(row.vault, passphrase);
    const network = networkFromJson(await vault.open(`network ${row.id}`, row.sealed));
    keys.push(
      ['network key', network.keys.current.key],
      ['setup key', network.keys.setupKey],
      ['admin key', network.keys.adminKey],
    );
    for (const each of nodes.filter((node) => node.networkId === row.id)) {
      const text = await vault.open(`node ${row.id}/${each.id}`, each.sealed);
      const node = nodeRecordFromJson(text);
      keys.push([`key of ${node.name}`, node.nodeKey]);
      if (node.mac !== null) macs.push(node.mac);
    }
  }
  return { keys, macs };
}

/** Where a text or a key lies readable; empty when nowhere. Every byte string is searched as such, as hex and as text. */
export function leaks(stored: StoredData, secrets: Secrets, texts: readonly string[]): string[] {
  const haystack: { place: string; text: string }[] = [];
  const walk = (value: Stored, place: string): void => {
    if (Array.isArray(value)) value.forEach((entry, i) => walk(entry, `${place}[${i}]`));
    else if (typeof value === 'object' && value !== null) {
      const bytes = 'hex' in value && typeof value['hex'] === 'string' ? value['hex'] : null;
      if (bytes === null) {
        for (const [key, entry] of Object.entries(value)) walk(entry, `${place}.${key}`);
      } else {
        haystack.push({ place, text: bytes }, { place, text: fromUtf8(hexToBytes(bytes)) });
      }
    } else haystack.push({ place, text: String(value) });
  };
  for (const [name, stores] of Object.entries(stored.databases)) walk(stores, name);
  walk({ ...stored.localStorage }, 'localStorage');
  walk({ ...stored.sessionStorage }, 'sessionStorage');

  const needles = [
    ...secrets.keys.flatMap(([what, key]) => [
      { what: `${what} as hex`, text: bytesToHex(key) },
      { what: `${what} as base64url`, text: toBase64Url(key) },
      { what: `${what} as base64`, text: Buffer.from(key).toString('base64').replace(/=+$/, '') },
    ]),
    ...[...texts, ...secrets.macs].map((text) => ({ what: `"${text}"`, text })),
  ];
  return needles.flatMap(({ what, text }) =>
    haystack.filter((hay) => hay.text.includes(text)).map((hay) => `${what} in ${hay.place}`),
  );
}
