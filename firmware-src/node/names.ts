import { AIR_MAX_PAYLOAD } from '../wire/air-frame.ts';
import { Ask, ASK_INFO, ASK_MAX_SUBJECTS } from '../wire/ask.ts';
import { encodeInfo, encodeInfoEntry, InfoEntry } from '../wire/info.ts';
import type { Mesh } from '../mesh/mesh.ts';
import { INFO, SHOWN } from '../mesh/node-rows.ts';
import { nextHop } from '../mesh/route.ts';

/** Up to so many other nodes, names are held whether or not somebody asked: who only reads along on the console sees them, too. */
const SMALL_MESH = 12;
/** Names held while somebody wants to know them: on the console, or an application. In larger meshes the rest stays unnamed. */
const MOST_HELD = 64;
/** Names held otherwise: those that are on their way through this node. */
const MOST_PASSING = 8;
/** A console that has asked for nothing in this time is not listening any more. */
const LISTENING_MS = 1800000;
/** Info frames leave at least this far apart. */
const GAP_MS = 60;
const MOST_WAITING = 32;
/** What did not come is asked for again after this. */
const RETRY_MS = 2500;
/** Rows looked at in one go for a name that is missing. */
const ROWS_A_GO = 32;

/**
 * Names and zones. No node holds those of all: each knows its own, and who wants others' asks along the tree, one neighbour the
 * next, until one knows the answer; it comes back the same way.
 */
export class Names {
  private readonly mesh: Mesh;
  private readonly own: InfoEntry = new InfoEntry();
  private readonly held: InfoEntry[] = [];
  private listensUntilMs = -1;
  /** Keys whose names others want through us; those to be sent. */
  private wanted: string[] = [];
  private readonly waiting: string[] = [];
  private sendAtMs = 0;
  private askAtMs = 0;
  private rowAt = 0;

  constructor(mesh: Mesh, selfKey: string) {
    this.mesh = mesh;
    this.own.key = selfKey;
  }

  /** This node's own. */
  setOwn(name: string, zone: string): void {
    this.own.name = name;
    this.own.zone = zone;
    this.mesh.infoHash = this.own.hash();
  }

  /** Somebody wants to see the names of all nodes. */
  listen(atMs: number): void {
    this.listensUntilMs = atMs + LISTENING_MS;
  }

  private listens(atMs: number): boolean {
    return atMs <= this.listensUntilMs || this.mesh.table.presentCount <= SMALL_MESH;
  }

  find(key: string): InfoEntry | null {
    if (key === this.own.key) return this.own;
    for (const one of this.held) if (one.key === key) return one;
    return null;
  }

  /** Key of the present node of this name, '' for none, '?' for several. */
  keyOf(name: string): string {
    let key = name === this.own.name ? this.own.key : '';
    for (const one of this.held) {
      if (one.name !== name || this.mesh.table.presentRow(one.key) < 0) continue;
      if (key !== '') return '?';
      key = one.key;
    }
    return key;
  }

  /** The name that still holds, as far as is known here. */
  private current(key: string): InfoEntry | null {
    const one = this.find(key);
    const row = this.mesh.table.presentRow(key);
    return one !== null && row >= 0 && this.mesh.table.rows.u16(row, INFO) !== one.hash()
      ? null
      : one;
  }

  private queue(key: string, atMs: number): void {
    if (this.waiting.length >= MOST_WAITING || this.waiting.includes(key)) return;
    if (this.waiting.length === 0) this.sendAtMs = atMs + 20;
    this.waiting.push(key);
  }

  /** A neighbour asks us for these. */
  receiveAsk(from: string, subjects: readonly string[], atMs: number): void {
    for (const key of subjects) {
      const one = this.current(key);
      if (one === null) {
        if (this.wanted.length >= MOST_WAITING || this.wanted.includes(key)) continue;
        if (this.hopTo(key) !== from) this.wanted.push(key);
      } else this.queue(key, atMs);
    }
  }

  private hopTo(key: string): string {
    return nextHop(this.mesh.table, this.mesh.tree, key, true);
  }

  receive(entries: readonly InfoEntry[], atMs: number): void {
    const table = this.mesh.table;
    for (const entry of entries) {
      const row = table.presentRow(entry.key);
      if (row < 0) continue;
      const isWanted = this.wanted.includes(entry.key);
      const known = this.find(entry.key);
      const listens = this.listens(atMs);
      if ((known === null && !isWanted && !listens) || entry.hash() !== table.rows.u16(row, INFO))
        continue;
      if (known === null || known.hash() !== entry.hash()) {
        this.forget(entry.key);
        while (this.held.length >= (listens ? MOST_HELD : MOST_PASSING)) this.held.shift();
        this.held.push(entry);
        table.note(row);
      }
      if (isWanted) {
        this.wanted = this.wanted.filter((key) => key !== entry.key);
        this.queue(entry.key, atMs);
      }
    }
    if (this.askAtMs > atMs + 200) this.askAtMs = atMs + 200;
  }

  /** A node is gone: its name is asked for again should it return. */
  forget(key: string): void {
    for (let i = 0; i < this.held.length; i += 1) {
      if (this.held[i].key !== key) continue;
      this.held.splice(i, 1);
      return;
    }
  }

  /** One ask for names that are missing, null when there is none to send now. */
  takeAsk(atMs: number): Ask | null {
    if (atMs < this.askAtMs) return null;
    this.askAtMs = atMs + 700;
    const ask = new Ask();
    ask.kind = ASK_INFO;
    const wanted = this.wanted;
    this.wanted = [];
    for (const key of wanted) {
      this.add(ask, key);
      if (this.mesh.table.presentRow(key) >= 0) this.wanted.push(key);
    }
    if (this.listens(atMs)) this.addMissing(ask);
    if (ask.subjects.length === 0) return null;
    if (this.wanted.length > ASK_MAX_SUBJECTS) this.wanted.shift();
    this.askAtMs = atMs + RETRY_MS;
    return ask;
  }

  private addMissing(ask: Ask): void {
    const rows = this.mesh.table.rows;
    for (let left = ROWS_A_GO; left > 0 && this.held.length < MOST_HELD; left -= 1) {
      this.rowAt = this.rowAt + 1 < rows.size ? this.rowAt + 1 : 0;
      if (!rows.is(this.rowAt, SHOWN) || rows.u16(this.rowAt, INFO) === 0) continue;
      const key = rows.key(this.rowAt);
      if (this.current(key) === null) this.add(ask, key);
    }
  }

  /** The first subject decides whom to ask; others that lie the same way join it. */
  private add(ask: Ask, key: string): void {
    const hop = this.hopTo(key);
    if (hop === '' || ask.subjects.length >= ASK_MAX_SUBJECTS || ask.subjects.includes(key)) return;
    if (ask.answerer === '') ask.answerer = hop;
    if (ask.answerer === hop) ask.subjects.push(key);
  }

  /** Names to send now as the payload of a frame, null when there are none. */
  takeInfo(atMs: number): Uint8Array | null {
    if (this.waiting.length === 0 || atMs < this.sendAtMs) return null;
    this.sendAtMs = atMs + GAP_MS;
    const entries: Uint8Array[] = [];
    let size = 1;
    while (this.waiting.length > 0) {
      const one = this.find(this.waiting[0]);
      if (one !== null) {
        const entry = encodeInfoEntry(one);
        size += entry.length;
        if (size > AIR_MAX_PAYLOAD) break;
        entries.push(entry);
      }
      this.waiting.shift();
    }
    return entries.length === 0 ? null : encodeInfo(entries);
  }

  wakeAtMs(idleMs: number): number {
    return this.waiting.length > 0 && this.sendAtMs < idleMs ? this.sendAtMs : idleMs;
  }
}
