import { type Advert, type RelayedRecord, HOPS_NONE } from '../wire/advert.ts';
import type { View } from '../wire/view.ts';
import { isNewer } from './freshness.ts';
import { smoothRssi } from './link.ts';
import { stateMark } from './mark.ts';
import { NodeRecord } from './node-record.ts';
import type { Profile } from './profile.ts';

/** More nodes than this are not taken in: memory is bounded whatever is on the air. */
export const MAX_NODES = 420;
/** A node that we hear no more is asked for so often, so far apart: whoever knows better answers with fresher news. */
const MOST_QUERIES = 4;
const QUERY_GAP_MS = 1200;
/** Adverts that carry the news of a death: one more than of a change, because nothing else would ever tell. */
const GONE_SPREAD = 3;

/**
 * Who is known, directly or through others. A direct neighbour lives by its own frames. A node further away lives by
 * its chain of parents: a parent vouches for its children and tells everyone when one falls silent, so that nothing
 * has to be repeated while nothing changes. Only news stamped with a newer counter of the node itself replaces what is
 * known; at an equal counter "gone" wins.
 */
export class NodeTable {
  readonly list: NodeRecord[] = [];
  /** Present nodes other than this one. */
  presentCount = 0;
  /** Records that changed in a way worth reporting; the owner empties it through takeChanged(). */
  private readonly changed: NodeRecord[] = [];
  /** Something must be passed on soon; the owner resets it. */
  newsToSpread = false;
  /** Sum of the marks of all present nodes but this one, 16 bits. */
  digest = 0;

  private readonly selfKey: string;
  private readonly profile: Profile;
  private readonly byKey: Map<string, NodeRecord> = new Map();
  private sweepAt = 0;

  constructor(selfKey: string, profile: Profile) {
    this.selfKey = selfKey;
    this.profile = profile;
  }

  get(key: string): NodeRecord | null {
    return this.byKey.get(key) ?? null;
  }

  /** The next record that changed, also when it is gone or forgotten. */
  takeChanged(): NodeRecord | null {
    const record = this.changed.shift() ?? null;
    if (record !== null) record.queued = false;
    return record;
  }

  note(record: NodeRecord): void {
    if (record.queued) return;
    record.queued = true;
    this.changed.push(record);
  }

  private spreadTimes(record: NodeRecord, times: number): void {
    record.spread = times;
    record.copies = 0;
    this.newsToSpread = true;
  }

  /** Brings the record's part of the digest up to date. */
  private remark(record: NodeRecord): void {
    const present = record.boot > 0 && !record.gone;
    const mark = present ? stateMark(record.tail, record.boot, record.parent) : 0;
    this.digest = (this.digest - record.mark + mark) & 0xffff;
    record.mark = mark;
  }

  private obtain(key: string): NodeRecord | null {
    const known = this.get(key);
    if (known !== null) return known;
    if (this.list.length >= MAX_NODES) return null;
    const record = new NodeRecord(key);
    this.byKey.set(key, record);
    this.list.push(record);
    return record;
  }

  /**
   * An authenticated frame came straight from `key`; `proves` when it names our present boot counter. Null when the
   * table is full, or the counter is one that others have already passed on: then the frame is a replay.
   */
  hear(
    key: string,
    boot: number,
    sequence: number,
    rssiDbm: number,
    proves: boolean,
    atMs: number,
  ): NodeRecord | null {
    const record = this.obtain(key);
    if (record === null || !isNewer(boot, sequence, record.boot, record.sequence)) return null;
    if (!record.direct) {
      record.rssiDbm = 0;
      record.direct = true;
      record.echoDue = 3;
      record.greetedBoot = -1;
      if (record.shown) this.note(record);
    } else if (record.heardBoot !== boot) record.echoDue = 3;
    record.heardBoot = boot;
    record.heardAtMs = atMs;
    record.rssiDbm = smoothRssi(record.rssiDbm, rssiDbm);
    if (proves) record.proven = true;
    if (!record.proven) return record;
    if (proves) record.hearsUsBoot = boot;
    record.boot = boot;
    record.sequence = sequence;
    record.knownAtMs = atMs;
    record.via = record.key;
    record.saidGone = false;
    record.detachedAtMs = -1;
    if (record.mark === 0 || proves) this.remark(record);
    return record;
  }

  /** What a proven neighbour says about itself, after hear(). True when it differs from what was known. */
  applyAdvert(record: NodeRecord, advert: Advert): boolean {
    advert.root = this.known(advert.root);
    advert.parent = this.known(advert.parent);
    record.advert = advert;
    const hops = advert.lost ? HOPS_NONE : advert.hops;
    const differs =
      !record.shown ||
      record.gone ||
      record.parent !== advert.parent ||
      record.root !== advert.root ||
      record.hops !== hops ||
      record.isRoot !== advert.isRoot ||
      record.coordinator !== advert.coordinator ||
      record.infoHash !== advert.infoHash;
    record.parent = advert.parent;
    record.root = advert.root;
    record.hops = hops;
    record.isRoot = advert.isRoot;
    record.coordinator = advert.coordinator;
    record.infoHash = advert.infoHash;
    record.gone = false;
    this.remark(record);
    if (differs) this.changedPresent(record);
    return differs;
  }

  /** News of a node through neighbour `via`. */
  applyRelayed(news: RelayedRecord, via: string, atMs: number): void {
    if (news.key === this.selfKey) return;
    const known = this.get(news.key);
    if (known === null) {
      if (news.gone) return;
      const fresh = this.obtain(news.key);
      if (fresh !== null) this.take(fresh, news, via, atMs);
      return;
    }
    const disagree =
      news.gone !== known.gone || news.parent !== known.parent || news.infoHash !== known.infoHash;
    const newer = isNewer(news.boot, news.sequence, known.boot, known.sequence);
    const same = news.boot === known.boot && news.sequence === known.sequence;
    if (known.direct && known.proven) {
      if (same && news.gone) known.saidGone = true;
      else if (disagree && !newer && !same && known.spread === 0) this.spreadTimes(known, 1);
      else if (!disagree) this.countCopy(known);
      return;
    }
    if (newer) this.take(known, news, via, atMs);
    else if (same && news.gone && !known.gone) this.bury(known, atMs, false);
    else if (disagree && known.spread === 0 && known.boot > 0) this.spreadTimes(known, 1);
    else if (!disagree) this.countCopy(known);
  }

  /** Present nodes as entries of a view (wire/view.ts). */
  viewEntries(): number[] {
    const turned: string[] = []; // with the tail in front: texts are sorted by the runtime itself
    for (const { key, mark } of this.list)
      if (mark > 0) turned.push(key.slice(6) + key.slice(0, 6));
    turned.sort();
    const entries: number[] = [];
    for (const text of turned) {
      const record = this.get(text.slice(6) + text.slice(0, 6));
      if (record !== null) entries.push(record.tail * 256 + (record.mark & 0xff));
    }
    return entries;
  }

  /** The same key, as the record of that node has it: each MAC is held once. */
  private known(key: string): string {
    const record = this.get(key);
    return record === null ? key : record.key;
  }

  /** A neighbour showed whom it counts as present: what it lacks, or has otherwise than we, goes out again. */
  compareView(view: View, senderTail: number): void {
    for (const record of this.list) {
      if (record.boot === 0 || record.tail === senderTail) continue;
      if (record.tail < view.first || record.tail > view.last) continue;
      const least = record.tail * 256;
      let mark = 0;
      for (const entry of view.entries) {
        if (entry >= least && entry < least + 256) mark = entry - least + 1;
      }
      const ours = record.mark === 0 ? 0 : (record.mark & 0xff) + 1;
      if (mark !== ours && record.spread === 0) this.spreadTimes(record, 1);
    }
  }

  /** The stamp on our path shows that the root was alive at this counter of its own. */
  confirmRoot(key: string, boot: number, sequence: number, via: string, atMs: number): void {
    const record = this.obtain(key);
    if (record === null || (record.direct && record.proven)) return;
    if (!isNewer(boot, sequence, record.boot, record.sequence)) return;
    const differs = !record.shown || record.gone || !record.isRoot;
    record.boot = boot;
    record.sequence = sequence;
    record.knownAtMs = atMs;
    record.via = this.known(via);
    record.isRoot = true;
    record.parent = '';
    record.hops = 0;
    record.gone = false;
    record.queries = 0;
    record.detachedAtMs = -1;
    this.remark(record);
    if (differs) this.changedPresent(record);
  }

  /** A neighbour from outside our tree appeared: it shall learn whom we know, unless others tell it first. */
  spreadAll(): void {
    for (const record of this.list) {
      if (record.boot > 0 && !record.gone && record.spread === 0) this.spreadTimes(record, 1);
    }
  }

  /** Enough neighbours have said it: we need not. */
  private countCopy(record: NodeRecord): void {
    record.copies += 1;
    if (record.copies >= 2) record.spread = 0;
  }

  private take(record: NodeRecord, news: RelayedRecord, via: string, atMs: number): void {
    const differs =
      !record.shown ||
      record.gone ||
      record.parent !== news.parent ||
      record.isRoot !== news.isRoot ||
      record.hops !== news.hops ||
      record.coordinator !== news.coordinator ||
      record.infoHash !== news.infoHash;
    record.boot = news.boot;
    record.sequence = news.sequence;
    record.parent = this.known(news.parent);
    record.hops = news.hops;
    record.isRoot = news.isRoot;
    record.coordinator = news.coordinator;
    record.infoHash = news.infoHash;
    record.root = '';
    record.knownAtMs = atMs;
    record.via = this.known(via);
    record.detachedAtMs = -1;
    record.queries = 0;
    if (news.gone) this.bury(record, atMs, false);
    else {
      record.gone = false;
      this.remark(record);
      if (differs) this.changedPresent(record);
    }
  }

  private changedPresent(record: NodeRecord): void {
    if (!record.shown) {
      record.shown = true;
      this.presentCount += 1;
    }
    this.spreadTimes(record, 2);
    this.note(record);
  }

  /** The node is gone and the others shall know; `sure` when we found out ourselves, else it is shown a little longer. */
  bury(record: NodeRecord, atMs: number, sure: boolean): void {
    if (!record.gone) {
      record.gone = true;
      record.goneAtMs = atMs;
      record.direct = false;
      record.advert = null;
      this.remark(record);
      if (record.boot > 0) this.spreadTimes(record, GONE_SPREAD);
    }
    if (sure) this.hide(record);
  }

  private hide(record: NodeRecord): void {
    if (!record.shown) return;
    record.shown = false;
    this.presentCount -= 1;
    this.note(record);
  }

  /** Looks at the next `count` records; `ourRoot` is '' while we have no valid path to one. */
  sweep(count: number, ourRoot: string, atMs: number): void {
    let left = count < this.list.length ? count : this.list.length;
    while (left > 0 && this.list.length > 0) {
      left -= 1;
      if (this.sweepAt >= this.list.length) this.sweepAt = 0;
      const record = this.list[this.sweepAt];
      if (this.isForgotten(record, ourRoot, atMs)) {
        this.byKey.delete(record.key);
        this.list.splice(this.sweepAt, 1);
      } else this.sweepAt += 1;
    }
  }

  /** Brings one record up to date; true when even the memory of it may go. */
  private isForgotten(record: NodeRecord, ourRoot: string, atMs: number): boolean {
    const profile = this.profile;
    if (record.gone) {
      if (record.shown && atMs - record.goneAtMs > profile.suspectMs) this.hide(record);
      return atMs - record.goneAtMs > profile.tombstoneMs;
    }
    if (record.direct) {
      if (atMs - record.heardAtMs > profile.leaseMs) this.lapse(record, atMs);
      else if (record.proven) return false;
    }
    if (record.boot === 0) return !record.direct;
    if (record.gone) return false;
    if (record.queries > 0 && atMs - record.queriedAtMs >= QUERY_GAP_MS) {
      record.queries -= 1;
      record.queriedAtMs = atMs;
      this.spreadTimes(record, 1);
    }
    if (ourRoot === '' || this.isAttached(record, ourRoot)) record.detachedAtMs = -1;
    else if (record.detachedAtMs < 0) record.detachedAtMs = atMs;
    else if (atMs - record.detachedAtMs > profile.detachedMs) this.bury(record, atMs, true);
    const lease = profile.relayedLeaseMs + profile.relayedLeasePerNodeMs * this.list.length;
    if (atMs - record.knownAtMs > lease) this.bury(record, atMs, true);
    return false;
  }

  /** A neighbour fell silent: as its parent we speak for all, otherwise we ask by showing what we last knew. */
  private lapse(record: NodeRecord, atMs: number): void {
    record.direct = false;
    record.advert = null;
    if (!record.proven || record.boot === 0) return;
    if (record.saidGone || record.parent === this.selfKey) this.bury(record, atMs, true);
    else {
      record.queries = MOST_QUERIES;
      record.queriedAtMs = atMs - QUERY_GAP_MS;
      this.note(record);
    }
  }

  /** Its chain of parents ends at someone whom we hear, or at the root that our own path leads to. */
  isAttached(record: NodeRecord, ourRoot: string): boolean {
    let at = record;
    for (let steps = 0; steps < 32; steps += 1) {
      if (at.isRoot) return at.key === ourRoot;
      if (at.parent === '' || at.parent === this.selfKey) return false;
      if (at.parent === ourRoot) return true;
      const above = this.get(at.parent);
      if (above === null || above.gone) return false;
      if (above.direct && above.proven) return true;
      at = above;
    }
    return false;
  }
}
