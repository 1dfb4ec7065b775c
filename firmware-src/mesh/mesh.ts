import {
  ADVERT_FIXED_BYTES,
  Advert,
  ECHO_BYTES,
  Echo,
  HOPS_NONE,
  RECORD_BYTES,
  type RelayedRecord,
} from '../wire/advert.ts';
import { AIR_MAX_PAYLOAD } from '../wire/air-frame.ts';
import { ASK_ADVERT, ASK_INFO, ASK_MAX_SUBJECTS, Ask } from '../wire/ask.ts';
import { BROADCAST_KEY, tailOf } from '../wire/cells.ts';
import { View, VIEW_MAX_ENTRIES } from '../wire/view.ts';
import { AdvertTimer } from './advert-timer.ts';
import { Jitter } from './jitter.ts';
import { centralityOf } from './link.ts';
import { stateMark } from './mark.ts';
import type { NodeRecord } from './node-record.ts';
import { NodeTable } from './node-table.ts';
import type { Profile } from './profile.ts';
import { Tree } from './tree.ts';

const TICK_MS = 100;
const MAX_ECHOES = 10;
/** One in so many quiet adverts carries a record of another node, so that lost news is caught up with. */
const ROTATION = 3;
/** Info that did not come is asked for again after this. */
const INFO_RETRY_MS = 2500;
/** A neighbour's digest that differs for so long means lost news; views are shown at most once in the second time. */
const DIFFERS_MS = 2500;
const VIEW_GAP_MS = 4000;

export class MeshCounts {
  probes = 0;
  replayed = 0;
}

/**
 * Presence, election and tree of one node. Frames come in authenticated and parsed; out go adverts (advertDue, then
 * makeAdvert), asks (takeAsk) and changes (table.takeChanged, tree.events). Knows no keys, no radio and no clock.
 */
export class Mesh {
  readonly table: NodeTable;
  readonly tree: Tree;
  readonly timer: AdvertTimer;
  readonly counts = new MeshCounts();
  /** Hash of this node's own name and zone. */
  infoHash = 0;
  coordinator = false;

  private readonly selfKey: string;
  private readonly selfTail: number;
  private bootLow: number;
  private readonly profile: Profile;
  private readonly jitter: Jitter;
  private readonly asks: Ask[] = [];
  private tickAtMs = 0;
  private quietAdverts = 0;
  private echoAt = 0;
  private recordAt = 0;
  private infoAskAtMs = 0;
  private readonly views: View[] = [];
  /** In the place of the lists of an advert that is kept: they are used up once it was heard. */
  private readonly noEchoes: Echo[] = [];
  private readonly noRecords: RelayedRecord[] = [];
  private viewAtMs = 0;

  constructor(selfKey: string, boot: number, profile: Profile) {
    this.selfKey = selfKey;
    this.selfTail = tailOf(selfKey);
    this.bootLow = boot & 0xffff;
    this.profile = profile;
    this.jitter = new Jitter((this.selfTail ^ (boot * 31)) & 0xffff);
    this.table = new NodeTable(selfKey, profile);
    this.tree = new Tree(selfKey, boot, profile, this.table, this.jitter);
    this.timer = new AdvertTimer(profile, this.jitter);
  }

  /** This node goes on under another boot counter. */
  renew(boot: number): void {
    this.bootLow = boot & 0xffff;
    this.tree.renew(boot);
  }

  start(atMs: number): void {
    this.tree.start(atMs);
    this.tickAtMs = atMs;
    this.timer.nextAtMs = atMs + this.jitter.below(150);
    this.askAll();
  }

  /** Any authenticated frame; false when its counter shows that it is a replay. */
  hear(
    key: string,
    boot: number,
    sequence: number,
    rssiDbm: number,
    advert: Advert | null,
    atMs: number,
  ): boolean {
    let proves = false;
    if (advert !== null) {
      for (const echo of advert.echoes) {
        if (echo.tail === this.selfTail && echo.bootLow === this.bootLow) proves = true;
      }
    }
    const record = this.table.hear(key, boot, sequence, rssiDbm, proves, atMs);
    if (record === null) {
      this.counts.replayed += 1;
      return false;
    }
    if (record.echoDue === 3) this.timer.reset(atMs);
    if (advert === null || !record.proven) return true;
    const stranger = !record.shown || advert.lost || advert.root !== this.tree.root;
    this.table.applyAdvert(record, advert);
    if (record.greetedBoot !== boot) {
      record.greetedBoot = boot;
      if (stranger) this.table.spreadAll();
    }
    for (const news of advert.records) this.table.applyRelayed(news, key, atMs);
    advert.echoes = this.noEchoes;
    advert.records = this.noRecords;
    this.tree.consider(record, this.ownScore(), atMs);
    this.compareDigest(record, advert, atMs);
    if (advert.lost && record.echoDue === 0) record.echoDue = 1;
    this.settle(atMs);
    return true;
  }

  /** Within one tree all views should agree; if one stays different, both sides show theirs and send what is missing. */
  private compareDigest(record: NodeRecord, advert: Advert, atMs: number): void {
    const comparable = !advert.lost && advert.root === this.tree.placedRoot();
    if (!comparable || advert.digest === this.digest()) {
      record.differsSinceMs = -1;
      return;
    }
    if (record.differsSinceMs < 0) record.differsSinceMs = atMs;
    if (atMs - record.differsSinceMs < DIFFERS_MS || atMs < this.viewAtMs) return;
    this.viewAtMs = atMs + VIEW_GAP_MS;
    record.differsSinceMs = atMs;
    this.showView();
  }

  private digest(): number {
    const parent = this.tree.parent;
    const own = stateMark(this.selfTail, this.bootLow, parent);
    return (this.table.digest + own) & 0xffff;
  }

  /** Queues our view, in frames that together cover all tails. This node itself is in nobody's doubt and left out. */
  private showView(): void {
    let view = new View();
    for (const entry of this.table.viewEntries()) {
      if (view.entries.length >= VIEW_MAX_ENTRIES) {
        const tail = Math.floor(entry / 256);
        view.last = tail - 1;
        this.views.push(view);
        view = new View();
        view.first = tail;
      }
      view.entries.push(entry);
    }
    view.last = 0xffffff;
    this.views.push(view);
  }

  takeView(): View | null {
    return this.views.shift() ?? null;
  }

  /** A neighbour's view. Ours follows soon if it was asked for by nobody else. */
  handleView(from: string, view: View, atMs: number): void {
    const record = this.table.get(from);
    if (record === null || !record.proven) return;
    this.table.compareView(view, record.tail);
    this.settle(atMs);
  }

  /** An ask that names us or everyone. Info is the caller's business. */
  handleAsk(ask: Ask, atMs: number): void {
    if (ask.kind !== ASK_ADVERT) return;
    if (ask.answerer === this.selfKey) this.timer.soon(atMs, 60);
    else if (ask.answerer === BROADCAST_KEY) this.timer.soon(atMs, 250);
  }

  tick(atMs: number): void {
    if (atMs < this.tickAtMs) return;
    this.tickAtMs = atMs + TICK_MS;
    const table = this.table;
    table.sweep(4 + (table.list.length >> 4), this.tree.placedRoot(), atMs);
    this.tree.tick(this.ownScore(), atMs);
    this.probe(atMs);
    this.settle(atMs);
  }

  /** When tick or an advert is due next. */
  wakeAtMs(): number {
    return this.tickAtMs < this.timer.nextAtMs ? this.tickAtMs : this.timer.nextAtMs;
  }

  advertDue(atMs: number): boolean {
    return atMs >= this.timer.nextAtMs;
  }

  takeAsk(): Ask | null {
    return this.asks.shift() ?? null;
  }

  /** How well we hear and are heard: the sum over all two-way neighbours. */
  ownScore(): number {
    let score = 0;
    for (const record of this.table.list) {
      if (record.twoWay()) score += centralityOf(record.rssiDbm);
    }
    return score > 0xffff ? 0xffff : score;
  }

  private settle(atMs: number): void {
    if (this.tree.moved) {
      this.tree.moved = false;
      this.timer.reset(atMs);
    }
    if (this.tree.wantsAdverts) {
      this.tree.wantsAdverts = false;
      this.askAll();
    }
    if (this.table.newsToSpread) {
      this.table.newsToSpread = false;
      this.timer.soon(atMs, 250);
    }
  }

  private askAll(): void {
    const ask = new Ask();
    ask.kind = ASK_ADVERT;
    ask.answerer = BROADCAST_KEY;
    this.asks.push(ask);
  }

  /** Asks a parent or child that fell silent to speak, before anyone calls it gone. */
  private probe(atMs: number): void {
    const profile = this.profile;
    for (const record of this.table.list) {
      if (!record.direct || atMs - record.heardAtMs < profile.probeAfterMs) continue;
      if (record.parent !== this.selfKey && record.key !== this.tree.parent) continue;
      if (atMs - record.probedAtMs < profile.probeEveryMs) continue;
      record.probedAtMs = atMs;
      this.counts.probes += 1;
      const ask = new Ask();
      ask.kind = ASK_ADVERT;
      ask.answerer = record.key;
      this.asks.push(ask);
    }
  }

  /** Queues one ask for names and zones that are missing; `isMissing` says so of a present record. */
  askForInfo(isMissing: (record: NodeRecord) => boolean, atMs: number): void {
    if (atMs < this.infoAskAtMs) return;
    this.infoAskAtMs = atMs + 500 + this.jitter.below(700);
    let ask: Ask | null = null;
    for (const record of this.table.list) {
      if (!record.shown || record.via === '' || !isMissing(record)) continue;
      const answerer = record.direct ? record.key : record.via;
      if (ask === null) {
        ask = new Ask();
        ask.kind = ASK_INFO;
        ask.answerer = answerer;
      }
      if (ask.answerer === answerer) ask.subjects.push(record.key);
      if (ask.subjects.length >= ASK_MAX_SUBJECTS) break;
    }
    if (ask !== null) {
      this.asks.push(ask);
      this.infoAskAtMs = atMs + INFO_RETRY_MS + this.jitter.below(700);
    }
  }

  /** A name or zone arrived: the next gap may be filled soon. */
  infoArrived(atMs: number): void {
    const soon = atMs + 100 + this.jitter.below(300);
    if (soon < this.infoAskAtMs) this.infoAskAtMs = soon;
  }

  /** The advert to send now under frame counter `sequence`; sets the time of the next. */
  makeAdvert(sequence: number, atMs: number): Advert {
    const tree = this.tree;
    tree.stamp(sequence);
    const advert = new Advert();
    advert.isRoot = tree.isRoot();
    advert.lost = !tree.isPlaced();
    advert.coordinator = this.coordinator;
    advert.hops = advert.lost ? HOPS_NONE : tree.hops;
    advert.score = this.ownScore();
    advert.infoHash = this.infoHash;
    advert.root = tree.root;
    if (tree.root !== '') {
      advert.rootEpoch = tree.rootEpoch;
      advert.rootScore = tree.rootScore;
      advert.rootBoot = tree.rootBoot;
      advert.rootSequence = tree.rootSequence;
    }
    advert.cost = tree.cost;
    advert.parent = tree.parent;
    advert.digest = this.digest();
    advert.ancestors = tree.ancestors;
    const used = ADVERT_FIXED_BYTES + 3 * advert.ancestors.length;
    this.addEchoes(advert);
    const room = AIR_MAX_PAYLOAD - used - ECHO_BYTES * advert.echoes.length;
    const more = this.addRecords(advert, Math.floor(room / RECORD_BYTES));
    this.timer.sent(atMs);
    if (more) this.timer.soon(atMs, 120);
    return advert;
  }

  private addEcho(advert: Advert, record: NodeRecord): void {
    const echo = new Echo();
    echo.tail = record.tail;
    echo.bootLow = record.heardBoot & 0xffff;
    echo.rssiDbm = record.rssiDbm;
    advert.echoes.push(echo);
  }

  /** New neighbours first, and one more in turn. */
  private addEchoes(advert: Advert): void {
    const list = this.table.list;
    for (const record of list) {
      if (!record.direct || record.echoDue === 0) continue;
      if (advert.echoes.length >= MAX_ECHOES) return;
      record.echoDue -= 1;
      this.addEcho(advert, record);
    }
    for (let steps = 0; steps < list.length; steps += 1) {
      this.echoAt = this.echoAt + 1 < list.length ? this.echoAt + 1 : 0;
      const record = list[this.echoAt];
      if (record.direct) {
        this.addEcho(advert, record);
        return;
      }
    }
  }

  /** What must be passed on, or now and then one record in turn; true when some had no room. */
  private addRecords(advert: Advert, room: number): boolean {
    const list = this.table.list;
    for (const record of list) {
      if (record.spread === 0 || record.boot === 0) continue;
      if (advert.records.length >= room) return true;
      record.spread -= 1;
      advert.records.push(record);
    }
    if (advert.records.length > 0) return false;
    this.quietAdverts += 1;
    if (this.quietAdverts % ROTATION !== 0) return false;
    for (let steps = 0; steps < list.length; steps += 1) {
      this.recordAt = this.recordAt + 1 < list.length ? this.recordAt + 1 : 0;
      const record = list[this.recordAt];
      if (record.boot > 0) {
        advert.records.push(record);
        return false;
      }
    }
    return false;
  }
}
