import { ROUTER, WIFI_TREE } from '../features.ts';
import { NO_BYTES } from '../std/bytes.ts';
import {
  type Advert,
  COST_NONE,
  FLAG_COORDINATOR,
  FLAG_GONE,
  FLAG_LINKED,
  FLAG_ROOT,
  FLAG_ROUTER,
  RECORD_BYTES,
} from '../wire/advert.ts';
import { readKey, readU16, readU24, writeKey, writeU16, writeU24 } from '../wire/cells.ts';
import { drawerOf, SUMS_BYTES } from '../wire/view.ts';
import { isNewer } from './freshness.ts';
import { centralityOf, linkCost } from './link.ts';
import { stateMark } from './mark.ts';
import { NodeRecord } from './node-record.ts';
import {
  BOOT,
  DETACHED,
  FLAGS,
  HEARD,
  INFO,
  KNOWN,
  MARK,
  NEAR,
  NEWS,
  NodeRows,
  PARENT,
  QUEUED,
  ROW_BYTES,
  SAID_GONE,
  SELF,
  SEQUENCE,
  SHOWN,
  SINCE,
} from './node-rows.ts';
import type { Profile } from './profile.ts';

/** More nodes than this are not taken in: memory is bounded whatever is on the air. */
export const MAX_NODES = 420;
/** Neighbours kept in full: a parent, children, and enough others to choose from. The best-heard are kept. */
export const MAX_NEIGHBOURS = 16;
/** A newcomer must be better by this much to drive a neighbour out. */
const NEIGHBOUR_MARGIN = 12;
/** A neighbour that we need has so long to hear us. */
const HOPE_MS = 8000;
/** Adverts that carry the news of a death: one more than of a change, because nothing else would ever tell. */
const GONE_SPREAD = 3;
/** More than the sweep takes once through all rows at its quick pace. */
const RESTLESS_MS = 2000;
/** Steps up a chain of parents after which it counts as a ring. */
const MOST_STEPS = 64;

/** Quarters of a second, roughly, in 16 bits; they come round after four and a half hours. */
function quarters(atMs: number): number {
  return (atMs >> 8) & 0xffff;
}

/**
 * Who is known, directly or through others. A neighbour lives by its own frames. A node further away lives by its chain of
 * parents: a parent vouches for its children and tells everyone when one falls silent, so that nothing has to be repeated
 * while nothing changes. Only news stamped with a newer counter of the node itself replaces what is known; at an equal
 * counter "gone" wins.
 */
export class NodeTable {
  /** Every known node, a row of bytes each. */
  readonly rows: NodeRows = new NodeRows(MAX_NODES + 1);
  /** The neighbours among them. */
  readonly list: NodeRecord[] = [];
  /** Present nodes other than this one. */
  presentCount = 0;
  /** Something must be passed on soon, or at some time; the owner resets it. */
  newsToSpread = false;
  calmNews = false;
  /** Some of what is passed on now cannot wait for the usual adverts. */
  hurries = false;
  /** Nodes whose records shall be passed on. */
  spreading = 0;
  /** Sums of the marks of all present nodes, this one included, 16 bits: of each drawer, as a view's payload, and of all. */
  readonly sums: Uint8Array = new Uint8Array(SUMS_BYTES);
  digest = 0;
  /** Our own place, from the owner. */
  root = '';
  cost = COST_NONE;
  /** Row of a parent that fell silent and is not the root, -1 none; the owner resets it. */
  lostParent = -1;
  /** The frame that hear() refused last had an old counter. */
  replayed = false;

  private readonly profile: Profile;
  readonly #near: Map<string, NodeRecord> = new Map();
  private sweepAt = 0;
  /** Rows whose path to the root is still to be looked at. */
  private checks = 0;
  /** Rows were found on their way out or without a path: the sweep hurries until then. */
  private restlessUntilMs = 0;
  private changed = 0;
  private changedAt = 0;
  private spreadAt = 0;

  constructor(selfKey: string, profile: Profile) {
    this.profile = profile;
    this.rows.add(selfKey);
  }

  /** The neighbour of this key, or null. */
  get(key: string): NodeRecord | null {
    return this.#near.get(key) ?? null;
  }

  /** Row of a present node other than this one, -1 when there is none of this key. */
  presentRow(key: string): number {
    const row = this.rows.findKey(key);
    return row > SELF && this.rows.is(row, SHOWN) ? row : -1;
  }

  /** This node's own state, for the digest. */
  setSelf(boot: number, parent: string): void {
    writeU24(this.rows.bytes, BOOT, boot);
    writeKey(this.rows.bytes, PARENT, parent);
    this.remark(SELF);
    this.recheck();
  }

  /** Row of the next node that changed in a way worth reporting, also when it is gone; -1 none. */
  takeChanged(): number {
    const rows = this.rows;
    while (this.changed > 0) {
      this.changedAt = this.changedAt + 1 < rows.size ? this.changedAt + 1 : 0;
      if (!rows.is(this.changedAt, QUEUED)) continue;
      this.changed -= 1;
      rows.put(this.changedAt, QUEUED, false);
      return this.changedAt;
    }
    return -1;
  }

  note(row: number): void {
    if (this.rows.is(row, QUEUED)) return;
    this.rows.put(row, QUEUED, true);
    this.changed += 1;
  }

  /** Something of it is about to change by the passing of time alone: sweep() should come often. */
  isRestless(atMs: number): boolean {
    return this.checks > 0 || atMs < this.restlessUntilMs;
  }

  /** All paths to the root are looked at anew. */
  recheck(): void {
    this.checks = 2 * this.rows.size;
  }

  /** The record of this node shall travel in so many more adverts; `soon`: in extra ones. */
  spread(row: number, times: number, soon: boolean): void {
    if (this.rows.u8(row, NEWS) === 0) this.spreading += 1;
    this.rows.bytes[row * ROW_BYTES + NEWS] = times;
    if (soon) {
      this.newsToSpread = true;
      this.hurries = true;
    } else this.calmNews = true;
  }

  /** ... unless it travels already. */
  spreadOnce(row: number): void {
    if (this.rows.u8(row, NEWS) === 0) this.spread(row, 1, true);
  }

  /** `news`: in how many more adverts it shall travel in the low two bits, how often neighbours sent it meanwhile above. */
  private setNews(row: number, news: number): void {
    const ends = (news & 3) === 0 || news >= 8;
    if (ends) this.spreading -= 1;
    if (this.spreading === 0) this.hurries = false;
    this.rows.bytes[row * ROW_BYTES + NEWS] = ends ? 0 : news;
  }

  /** Up to so many records that shall travel, one after the other. */
  takeSpread(room: number): Uint8Array {
    const rows = this.rows;
    const taken = new Uint8Array((room < this.spreading ? room : this.spreading) * RECORD_BYTES);
    let at = 0;
    while (at < taken.length) {
      this.spreadAt = this.spreadAt + 1 < rows.size ? this.spreadAt + 1 : 0;
      const news = rows.u8(this.spreadAt, NEWS);
      if (news === 0) continue;
      this.setNews(this.spreadAt, news - 1);
      const from = this.spreadAt * ROW_BYTES;
      taken.set(rows.bytes.subarray(from, from + RECORD_BYTES), at);
      at += RECORD_BYTES;
    }
    return taken;
  }

  /** Brings the row's part of the digest up to date. */
  private remark(row: number): void {
    const rows = this.rows;
    const boot = rows.u24(row, BOOT);
    const tail = rows.tail(row);
    const before = rows.u16(row, MARK);
    let mark = 0;
    if (boot > 0 && !rows.isGone(row) && (row === SELF || rows.is(row, SHOWN)))
      mark = stateMark(tail, boot, rows.view.getUint32(row * ROW_BYTES + PARENT + 2) & 0xffffff);
    const drawer = 1 + 2 * drawerOf(tail);
    this.digest = (this.digest - before + mark) & 0xffff;
    writeU16(this.sums, drawer, readU16(this.sums, drawer) - before + mark);
    rows.setU16(row, MARK, mark);
  }

  private stamp(row: number, boot: number, sequence: number, atMs: number): void {
    const at = row * ROW_BYTES;
    writeU24(this.rows.bytes, at + BOOT, boot);
    writeU24(this.rows.bytes, at + SEQUENCE, sequence);
    this.rows.setU16(row, KNOWN, (atMs >> 10) & 0xffff);
  }

  /** Milliseconds, roughly, since the newest counter of this node became known here. */
  ageMs(row: number, atMs: number): number {
    return (((atMs >> 10) - this.rows.u16(row, KNOWN)) & 0xffff) * 1024;
  }

  private addRow(key: string): number {
    const rows = this.rows;
    const row = rows.add(key);
    if (row >= 0) return row;
    for (let old = 1; old < rows.size; old += 1) {
      if (rows.isFree(old) || rows.is(old, SHOWN | QUEUED | NEAR)) continue;
      this.forget(old);
      return rows.add(key);
    }
    return -1;
  }

  private forget(row: number): void {
    if (this.rows.u8(row, NEWS) > 0) this.setNews(row, 0);
    this.rows.remove(row);
  }

  /** Whether it is our parent or a child of ours: then we speak for its life. */
  isOfTree(record: NodeRecord): boolean {
    return this.rows.isBelow(record.row, SELF) || this.rows.isBelow(SELF, record.row);
  }

  /**
   * What a neighbour is worth keeping for: that the link works both ways; that one of the two is nearer to the root by more than a
   * hop, for then the other should hang below it (`hopeful`: also while it does not hear us yet); that it leads to another root.
   */
  private worth(linkDbm: number, mutual: boolean, hopeful: boolean, advert: Advert | null): number {
    let worth = centralityOf(linkDbm);
    if (mutual) worth += 100;
    if (advert === null) return worth;
    if (mutual && advert.leadsElsewhere(this.root)) worth += 200;
    const gap = this.gain(linkDbm, advert);
    if ((mutual || hopeful) && gap > 16) worth += gap < 150 ? gap : 150;
    return worth;
  }

  /** By how much the cost of the further one of the two would fall if it hung below the other. */
  gain(linkDbm: number, advert: Advert): number {
    const gap = advert.cost < this.cost ? this.cost - advert.cost : advert.cost - this.cost;
    return gap - linkCost(linkDbm);
  }

  /** Room for one more neighbour, if need be in the place of a worse one; never of the parent or a child. */
  private makeRoom(worth: number, atMs: number): boolean {
    if (this.list.length < MAX_NEIGHBOURS) return true;
    let weakest: NodeRecord | null = null;
    let least = worth - NEIGHBOUR_MARGIN;
    for (const record of this.list) {
      const hopeful = atMs - record.metAtMs < HOPE_MS;
      const kept = this.worth(record.linkDbm, record.twoWay(), hopeful, record.advert);
      if (kept >= least || this.isOfTree(record)) continue;
      least = kept;
      weakest = record;
    }
    if (weakest !== null) this.drop(weakest);
    return weakest !== null;
  }

  /** No neighbour any more. */
  private drop(record: NodeRecord): void {
    const row = record.row;
    this.#near.delete(record.key);
    const list = this.list;
    for (let i = 0; i < list.length; i += 1) if (list[i] === record) list.splice(i, 1);
    this.rows.put(row, HEARD | NEAR, false);
    if (this.rows.is(row, SHOWN)) this.note(row);
    // What is below it has a path through it still, if it has one itself.
    if (!this.isAttached(row, this.rows.findKey(this.root))) this.recheck();
  }

  /**
   * An authenticated frame came straight from `key`; `proves` when it names our present boot counter, `claims` when it names us
   * as its parent. Null when there is no place for one more neighbour, or the counter is one that others have already passed on:
   * then the frame is a replay.
   */
  hear(
    key: string,
    boot: number,
    sequence: number,
    rssiDbm: number,
    proves: boolean,
    claims: boolean,
    advert: Advert | null,
    atMs: number,
  ): NodeRecord | null {
    const rows = this.rows;
    let record = this.get(key);
    let row = record === null ? rows.findKey(key) : record.row;
    this.replayed =
      record === null &&
      row >= 0 &&
      !isNewer(boot, sequence, rows.u24(row, BOOT), rows.u24(row, SEQUENCE));
    if (this.replayed) return null;
    if (record === null) {
      // Of those that do not hear us, now and then one is given hope.
      let worth = this.worth(rssiDbm, proves, (sequence & 7) === 0, advert);
      if (claims || (row >= 0 && rows.parent(row) === SELF)) worth += 1000;
      if (!this.makeRoom(worth, atMs)) return null;
      if (row < 0) row = this.addRow(key);
      if (row < 0) return null;
      record = new NodeRecord(key, row, atMs);
      this.#near.set(key, record);
      this.list.push(record);
      rows.put(row, NEAR, true);
      if (rows.is(row, SHOWN)) this.note(row);
    } else if (record.heardBoot !== boot) record.echoDue = 3;
    record.heardBoot = boot;
    record.heardSequence = sequence;
    record.heardAtMs = atMs;
    record.measure(rssiDbm);
    if (proves) record.proven = true;
    if (!record.proven) return record;
    if (proves) record.hearsUsBoot = boot;
    rows.setU16(row, KNOWN, (atMs >> 10) & 0xffff);
    rows.put(row, SAID_GONE | DETACHED, false);
    rows.put(row, HEARD, true);
    return record;
  }

  /**
   * What is known of this neighbour was true at the frame heard last. Other frames than its adverts say nothing of its place, and must
   * not make old news look new: whoever missed its last change would spread the state before, under a newer stamp.
   */
  confirm(record: NodeRecord): void {
    this.stamp(record.row, record.heardBoot, record.heardSequence, record.heardAtMs);
    this.remark(record.row);
  }

  /** An advert holds on to the frame that it came in, and to texts of its own for what its neighbours say, too. */
  private kept(advert: Advert): Advert {
    advert.echoes = NO_BYTES;
    advert.records = NO_BYTES;
    if (advert.root === this.root) advert.root = this.root;
    const parent = this.get(advert.parent);
    if (parent !== null) advert.parent = parent.key;
    return advert;
  }

  /** What a proven neighbour says about itself, after hear(). Its echoes and records are not kept. */
  applyAdvert(record: NodeRecord, advert: Advert): void {
    const rows = this.rows;
    const row = record.row;
    const at = row * ROW_BYTES;
    this.confirm(record);
    const before = record.advert;
    let flags = (advert.isRoot ? FLAG_ROOT : 0) + (advert.coordinator ? FLAG_COORDINATOR : 0);
    if (WIFI_TREE && advert.linked) flags += FLAG_LINKED;
    if (ROUTER && advert.holdsRouter) flags += FLAG_ROUTER;
    const moved = rows.key(row, PARENT) !== advert.parent;
    const differs =
      moved ||
      !rows.is(row, SHOWN) ||
      rows.u8(row, FLAGS) !== flags ||
      rows.u16(row, INFO) !== advert.infoHash;
    record.advert = this.kept(advert);
    // Its root is no news to others, who see it change themselves, but to our console.
    if (!differs && before !== null && before.root !== advert.root) this.note(row);
    if (!differs) return;
    const wasGone = rows.isGone(row);
    rows.bytes[at + FLAGS] = flags;
    rows.setU16(row, INFO, advert.infoHash);
    writeKey(rows.bytes, at + PARENT, advert.parent);
    this.changedPresent(row, wasGone);
  }

  /** News of another node: the record at `at`. False when it says that this node itself is gone. */
  applyRelayed(bytes: Uint8Array, at: number, atMs: number): boolean {
    const rows = this.rows;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const gone = view.getUint8(at + FLAGS) >= FLAG_GONE;
    const boot = readU24(bytes, at + BOOT);
    const sequence = readU24(bytes, at + SEQUENCE);
    let row = rows.find(view, at);
    if (row === SELF) return !gone || boot !== rows.u24(SELF, BOOT);
    if (row < 0) {
      if (!gone && boot > 0) row = this.addRow(readKey(bytes, at));
      if (row > 0) this.take(row, bytes, at, true, atMs);
      return true;
    }
    const mine = row * ROW_BYTES;
    const disagree =
      gone !== rows.isGone(row) ||
      rows.view.getUint32(mine + PARENT) !== view.getUint32(at + PARENT) ||
      rows.view.getUint32(mine + PARENT + 4) !== view.getUint32(at + PARENT + 4);
    const knownBoot = rows.u24(row, BOOT);
    const knownSequence = rows.u24(row, SEQUENCE);
    const same = boot === knownBoot && sequence === knownSequence;
    const newer = isNewer(boot, sequence, knownBoot, knownSequence);
    const heard = rows.is(row, HEARD);
    const news = rows.u8(row, NEWS);
    // Of a neighbour: unless it speaks before its lease ends, or others heard it since, we agree.
    if (gone && heard && (same || newer)) rows.put(row, SAID_GONE, true);
    if (newer && !(heard && gone)) this.take(row, bytes, at, disagree, atMs);
    else if (same && gone && !heard) this.bury(row, atMs, false);
    else if (disagree) {
      if (!newer && knownBoot > 0) this.spreadOnce(row);
    } else if (news > 0) this.setNews(row, news + 4);
    return true;
  }

  private take(row: number, bytes: Uint8Array, at: number, disagree: boolean, atMs: number): void {
    const rows = this.rows;
    const mine = row * ROW_BYTES;
    const wasGone = rows.isGone(row);
    const differs = disagree || rows.u8(row, FLAGS) !== bytes[at + FLAGS];
    rows.bytes.set(bytes.subarray(at, at + RECORD_BYTES), mine);
    rows.setU16(row, KNOWN, (atMs >> 10) & 0xffff);
    rows.put(row, SAID_GONE, false);
    if (rows.isGone(row)) {
      if (!wasGone) this.dig(row, atMs);
    } else if (differs) this.changedPresent(row, wasGone);
    else this.remark(row);
  }

  /** Counts as present from now on. */
  private show(row: number): void {
    if (!this.rows.is(row, SHOWN)) this.presentCount += 1;
    this.rows.put(row, SHOWN, true);
    this.rows.put(row, DETACHED, false);
    this.remark(row);
    this.note(row);
  }

  private changedPresent(row: number, wasGone: boolean): void {
    const awaited = wasGone || !this.rows.is(row, SHOWN) || this.rows.is(row, DETACHED);
    this.show(row);
    // Who is below nobody will soon be below somebody: that is the news.
    const isRoot = (this.rows.u8(row, FLAGS) & FLAG_ROOT) !== 0;
    if (isRoot || this.rows.view.getUint32(row * ROW_BYTES + PARENT) !== 0)
      this.spread(row, 2, awaited || isRoot);
    // Who has a path to the root has one for all that are below it, too.
    if (!this.isAttached(row, this.rows.findKey(this.root))) this.recheck();
  }

  /** Whether this stamp of a root is no newer than the news of its death. */
  isDead(key: string, boot: number, sequence: number): boolean {
    const rows = this.rows;
    const row = rows.findKey(key);
    if (row < 0 || !rows.isGone(row)) return false;
    return !isNewer(boot, sequence, rows.u24(row, BOOT), rows.u24(row, SEQUENCE));
  }

  /** The stamp on our path shows that the root was alive at this counter of its own. */
  confirmRoot(key: string, boot: number, sequence: number, atMs: number): void {
    const rows = this.rows;
    let row = rows.findKey(key);
    if (row < 0) row = this.addRow(key);
    if (row < 0 || rows.is(row, HEARD)) return;
    if (!isNewer(boot, sequence, rows.u24(row, BOOT), rows.u24(row, SEQUENCE))) return;
    const role = rows.u8(row, FLAGS) & ~(FLAG_COORDINATOR | FLAG_ROUTER);
    const differs = !rows.is(row, SHOWN) || role !== FLAG_ROOT;
    this.stamp(row, boot, sequence, atMs);
    rows.put(row, DETACHED, false);
    if (!differs) return;
    const at = row * ROW_BYTES;
    rows.bytes[at + FLAGS] = FLAG_ROOT;
    writeKey(rows.bytes, at + PARENT, '');
    this.changedPresent(row, false);
  }

  /** A neighbour from outside our tree appeared: it shall learn whom we know, unless others tell it first. */
  spreadAll(): void {
    for (let row = 1; row < this.rows.size; row += 1) {
      if (this.rows.u16(row, MARK) > 0) this.spreadOnce(row);
    }
  }

  /** The node is gone and the others shall know; `sure` when we found out ourselves, else it is shown a little longer. */
  bury(row: number, atMs: number, sure: boolean): void {
    if (!this.rows.isGone(row)) this.dig(row, atMs);
    if (sure) this.hide(row);
  }

  private dig(row: number, atMs: number): void {
    const rows = this.rows;
    rows.bytes[row * ROW_BYTES + FLAGS] = rows.u8(row, FLAGS) | FLAG_GONE;
    rows.setU16(row, SINCE, quarters(atMs));
    this.remark(row);
    if (rows.u24(row, BOOT) > 0) this.spread(row, GONE_SPREAD, true);
    this.recheck();
  }

  private hide(row: number): void {
    if (!this.rows.is(row, SHOWN)) return;
    this.rows.put(row, SHOWN, false);
    this.presentCount -= 1;
    this.remark(row);
    this.note(row);
  }

  /** Looks after the neighbours and some of the rows; `ourRoot` is '' while we have no valid path to one. */
  sweep(ourRoot: string, atMs: number): void {
    const rows = this.rows;
    const list = this.list;
    for (let i = list.length - 1; i >= 0; i -= 1) {
      const silentMs = atMs - list[i].heardAtMs;
      if (silentMs > this.profile.leaseMs) this.lapse(list[i], silentMs, atMs);
    }
    const root = rows.findKey(ourRoot);
    // Else only the dead are to be forgotten some day.
    const hurries = root < 0 || this.isRestless(atMs);
    for (let left = hurries ? 4 + (rows.size >> 4) : 4; left > 0; left -= 1) {
      this.sweepAt = this.sweepAt + 1 < rows.size ? this.sweepAt + 1 : 1;
      const used = this.sweepAt < rows.size && !rows.isFree(this.sweepAt);
      if (used && !rows.is(this.sweepAt, NEAR)) this.look(this.sweepAt, root, atMs);
      if (this.checks > 0) this.checks -= 1;
    }
  }

  /** Brings one row up to date. */
  private look(row: number, root: number, atMs: number): void {
    const rows = this.rows;
    const profile = this.profile;
    const now = quarters(atMs);
    const sinceMs = ((now - rows.u16(row, SINCE)) & 0xffff) * 256;
    if (rows.u24(row, BOOT) === 0) this.forget(row);
    else if (rows.isGone(row)) {
      if (rows.is(row, SHOWN)) this.restlessUntilMs = atMs + RESTLESS_MS;
      if (sinceMs > profile.suspectMs) this.hide(row);
      if (sinceMs > profile.tombstoneMs && !rows.is(row, QUEUED)) this.forget(row);
    } else if (root < 0 || (this.checks === 0 && !rows.is(row, DETACHED))) return;
    else {
      if (this.isAttached(row, root)) {
        if (rows.is(row, SHOWN)) rows.put(row, DETACHED, false);
        else this.show(row);
        return;
      }
      this.restlessUntilMs = atMs + RESTLESS_MS;
      if (!rows.is(row, DETACHED)) {
        rows.put(row, DETACHED, true);
        rows.setU16(row, SINCE, now);
      } else if (sinceMs > profile.detachedMs) this.missed(row, sinceMs, atMs);
    }
  }

  /**
   * Without a path to the root for too long. Who names us as its parent and is no neighbour of ours shall know that; of others, our
   * knowledge may be what is broken: they are not counted until the path is known again, and nobody is told. In a mesh of hundreds,
   * whose news takes seconds, telling would kill living nodes everywhere, and their protest cost more air than there is.
   */
  private missed(row: number, sinceMs: number, atMs: number): void {
    const rows = this.rows;
    if (rows.parent(row) === SELF) this.bury(row, atMs, true);
    else if (rows.is(row, SHOWN)) this.hide(row);
    else if (sinceMs > this.profile.tombstoneMs && !rows.is(row, QUEUED)) this.forget(row);
  }

  /**
   * A neighbour fell silent. We speak for the life of a parent or child, which was asked; another one's parent does, and losing
   * two of its frames is no reason to forget a link.
   */
  private lapse(record: NodeRecord, silentMs: number, atMs: number): void {
    const row = record.row;
    const sure = this.rows.is(row, SAID_GONE) || this.isOfTree(record);
    if (!sure && silentMs < this.profile.strangerLeaseMs) return;
    const isAbove = this.rows.parent(SELF) === row && row !== this.rows.findKey(this.root);
    this.drop(record);
    if (!sure || !record.proven) return;
    // Of its death, every frame of it that was heard is older news.
    this.stamp(row, record.heardBoot, record.heardSequence, record.heardAtMs);
    if (isAbove) this.lostParent = row;
    else this.bury(row, atMs, true);
  }

  /** Its chain of parents ends at someone whom we hear, or at the root that our own path leads to. */
  private isAttached(row: number, root: number): boolean {
    const rows = this.rows;
    let at = row;
    for (let steps = 0; steps < MOST_STEPS; steps += 1) {
      if ((rows.u8(at, FLAGS) & FLAG_ROOT) !== 0) return at === root;
      at = rows.parent(at);
      if (at <= SELF || rows.isGone(at)) return false;
      if (at === root || rows.is(at, HEARD)) return true;
    }
    return false;
  }
}
