import { utf8Decode } from '../std/utf8.ts';
import { type InfoEntry, infoHash } from '../wire/info.ts';

/** Name and zone of one node, as text for the console and as bytes for passing on. */
export class NodeInfo {
  readonly entry: InfoEntry;
  readonly hash: number;
  readonly name: string;
  readonly zone: string;

  constructor(entry: InfoEntry) {
    this.entry = entry;
    this.hash = infoHash(entry.name, entry.zone);
    this.name = utf8Decode(entry.name) ?? '';
    this.zone = utf8Decode(entry.zone) ?? '';
  }
}

/** Names and zones of the nodes in the table; holds no more than the table does. */
export class InfoStore {
  private readonly byKey: Map<string, NodeInfo> = new Map();

  get(key: string): NodeInfo | null {
    return this.byKey.get(key) ?? null;
  }

  has(key: string, hash: number): boolean {
    const info = this.get(key);
    return info !== null && info.hash === hash;
  }

  put(info: NodeInfo): void {
    this.byKey.set(info.entry.key, info);
  }

  forget(key: string): void {
    this.byKey.delete(key);
  }
}
