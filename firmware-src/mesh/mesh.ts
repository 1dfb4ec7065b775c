import { ROUTER, WIFI_TREE } from '../features.ts';
import { Advert, ECHO_BYTES, HOPS_NONE, RECORD_BYTES } from '../wire/advert.ts';
import { AIR_MAX_PAYLOAD } from '../wire/air-frame.ts';
import { ASK_ADVERT, ASK_SIGN, Ask } from '../wire/ask.ts';
import { BROADCAST_KEY, readU16, readU24, tailOf, writeU16, writeU24 } from '../wire/cells.ts';
import type { View } from '../wire/view.ts';
import { AdvertTimer } from './advert-timer.ts';
import { Jitter } from './jitter.ts';
import { PROBATION_RSSI } from './link.ts';
import { type NodeRecord, PATIENCE_MS } from './node-record.ts';
import { SHOWN } from './node-rows.ts';
import { NodeTable } from './node-table.ts';
import type { Profile } from './profile.ts';
import { Tree } from './tree.ts';
import { ViewExchange } from './view-exchange.ts';

/** Between two looks at the neighbours and the tree; and while nothing in them waits for time to pass. */
const TICK_MS = 100;
const CALM_TICK_MS = 2000;
/**
 * News that nobody waits for, of a node with another parent, mostly travel in usual adverts: one comes before its time within so much for
 * each neighbour, for they have the same to tell, and who hears it from two of them tells nobody.
 */
const CALM_NEWS_MS = 200;
/** Between two asks of a parent for newer news of the root. */
const NEWS_EVERY_MS = 3000;
/** Answers that a parent did not hear, after which another one is looked for. */
const MOST_SIGNS = 3;
/** Doublings of the time after which a neighbour is asked again for its full advert. */
const MOST_PATIENCE = 4;
const MAX_ECHOES = 10;
/** A short advert has four bits for the count. */
const MAX_RECORDS = 9;
/** With more nodes than this a stranger is not shown all of them at once: views find what it lacks, once it is in our tree. */
const GREETING_NODES = 24;

export class MeshCounts {
  probes = 0;
  replayed = 0;
}

/**
 * Presence, election and tree of one node. Frames come in authenticated and parsed; out go adverts (advertDue, then
 * makeAdvert), asks (takeAsk), views (views.take) and changes (table.takeChanged, tree.events). Knows no keys, no radio and
 * no clock.
 */
export class Mesh {
  readonly table: NodeTable;
  readonly tree: Tree;
  readonly timer: AdvertTimer;
  readonly views: ViewExchange;
  readonly counts = new MeshCounts();
  /** Hash of this node's own name and zone. */
  infoHash = 0;
  coordinator = false;
  /** This node has joined the router. */
  holdsRouter = false;

  readonly selfKey: string;
  private readonly selfTail: number;
  private boot: number;
  private readonly profile: Profile;
  private readonly jitter: Jitter;
  private readonly asks: Ask[] = [];
  private tickAtMs = 0;
  /** Asks for a sign from our parent, one soon after the other, and when the last one came. */
  private signs = 0;
  private signAtMs = 0;
  private echoAt = 0;
  /** The first full advert that said what holds now, and its frame counter; null when the next one must be full. */
  private full: Advert | null = null;
  private fullSequence = 0;
  /** Somebody missed it: the next one says it again. */
  private fullAsked = false;

  constructor(selfKey: string, boot: number, profile: Profile) {
    this.selfKey = selfKey;
    this.selfTail = tailOf(selfKey);
    this.boot = boot;
    this.profile = profile;
    this.jitter = new Jitter((this.selfTail ^ (boot * 31)) & 0xffff);
    this.table = new NodeTable(selfKey, profile);
    this.tree = new Tree(selfKey, boot, profile, this.table, this.jitter);
    this.timer = new AdvertTimer(profile, this.jitter);
    this.views = new ViewExchange(this.table, this.jitter);
    this.table.setSelf(boot, '');
  }

  /** This node goes on under another boot counter. */
  renew(boot: number): void {
    this.boot = boot;
    this.full = null;
    this.tree.renew(boot);
    this.table.setSelf(boot, this.tree.parent);
  }

  start(atMs: number): void {
    this.tree.start(atMs);
    this.tickAtMs = atMs;
    this.timer.nextAtMs = atMs + this.jitter.below(150);
    this.ask(ASK_ADVERT, BROADCAST_KEY);
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
    const table = this.table;
    const heardAs = advert === null ? 0 : this.echoOf(advert.echoes);
    const proves = heardAs < 0;
    const claims = advert !== null && advert.parent === this.selfKey;
    table.root = this.tree.root;
    table.cost = this.tree.cost;
    const record = table.hear(key, boot, sequence, rssiDbm, proves, claims, advert, atMs);
    if (record === null) {
      if (table.replayed) this.counts.replayed += 1;
      return !table.replayed;
    }
    if (proves) record.heardAs(heardAs);
    if (record.echoDue === 3 && advert !== null) this.welcome(advert, atMs);
    if (claims && !record.proven) this.tickSoon(atMs);
    if (advert === null || !record.proven) return true;
    let missed = false;
    for (let at = 0; at < advert.records.length; at += RECORD_BYTES)
      if (!table.applyRelayed(advert.records, at, atMs)) missed = true;
    const holds = this.read(record, advert, boot, sequence, atMs);
    // It tells the others that we are gone: it does not hear us any more.
    if (missed && !proves) this.unheard(record, atMs);
    else if (holds) {
      const kept = record.advert;
      const newsAtMs = atMs - this.profile.newsMs;
      const waited = this.tree.isStaleSince(newsAtMs);
      this.tree.consider(record, atMs);
      // Who is below us has waited as long.
      if (waited && !this.tree.isStaleSince(newsAtMs)) this.timer.soon(atMs, 250);
      const comparable = kept !== null && !kept.lost && kept.root === this.tree.placedRoot();
      this.views.compare(record, advert.digest, comparable, atMs);
    }
    this.settle(atMs);
    return true;
  }

  /** Keeps what a proven neighbour says of itself; false when that cannot be known before it says it in full. */
  private read(
    record: NodeRecord,
    advert: Advert,
    boot: number,
    sequence: number,
    atMs: number,
  ): boolean {
    const kept = record.advert;
    if (advert.base >= 0) {
      if (kept !== null && record.advertBoot === boot && record.advertSequence >= advert.base) {
        kept.follow(advert);
        this.table.confirm(record);
        return true;
      }
      if (this.probe(record, ASK_ADVERT, this.patienceMs(record, advert), atMs))
        if (record.asked < MOST_PATIENCE) record.asked += 1;
      return false;
    }
    const isNew = !this.table.rows.is(record.row, SHOWN);
    const stranger = isNew || advert.lost || advert.root !== this.tree.root;
    record.advertBoot = boot;
    record.advertSequence = sequence;
    record.asked = 0;
    this.table.applyAdvert(record, advert);
    if (record.greetedBoot !== boot) {
      record.greetedBoot = boot;
      if (stranger && this.table.presentCount <= GREETING_NODES) this.table.spreadAll();
    }
    if (advert.lost && record.echoDue === 0) record.echoDue = 1;
    return true;
  }

  /**
   * How long after the last ask this neighbour is asked again for the full advert that we missed: those that we need are soon, others the
   * later the more often no answer was heard.
   */
  private patienceMs(record: NodeRecord, short: Advert): number {
    const tree = this.tree;
    const needed =
      this.table.isOfTree(record) || !tree.isPlaced() || short.leadsElsewhere(tree.root);
    if (needed) return this.profile.probeEveryMs;
    if (this.table.gain(record.linkDbm, short) > 16) return PATIENCE_MS << record.asked;
    return record.rssiDbm > PROBATION_RSSI ? 8000 << record.asked : 60000;
  }

  /** A neighbour is new here: it shall soon know that we hear it if one of us has no place yet, or leads to another root. */
  private welcome(advert: Advert, atMs: number): void {
    const root = this.tree.placedRoot();
    if (advert.lost || root === '' || advert.leadsElsewhere(root)) this.timer.soon(atMs, 250);
  }

  /** The signal in that of these echoes which is of our present start; 0 there is none. */
  private echoOf(echoes: Uint8Array): number {
    for (let at = 0; at < echoes.length; at += ECHO_BYTES) {
      if (readU24(echoes, at) !== this.selfTail || readU16(echoes, at + 3) !== (this.boot & 0xffff))
        continue;
      return echoes[at + 5] === 0 ? -1 : -echoes[at + 5];
    }
    return 0;
  }

  private unheard(record: NodeRecord, atMs: number): void {
    record.hearsUsBoot = -1;
    this.timer.soon(atMs, 60);
    if (record.key === this.tree.parent) this.tree.loseParent(atMs);
  }

  /** A neighbour's view. */
  handleView(from: string, view: View, atMs: number): void {
    const record = this.table.get(from);
    if (record === null || !record.proven) return;
    this.views.receive(view, atMs);
    this.settle(atMs);
  }

  /** An ask that names us or everyone. Info is the caller's business. */
  handleAsk(from: string, ask: Ask, atMs: number): void {
    if (ask.answerer === this.selfKey) {
      const record = this.table.get(from);
      if (record !== null && record.echoDue === 0) record.echoDue = 1;
      this.timer.soon(atMs, 60);
      if (record !== null && ask.kind === ASK_SIGN) this.countSign(record, atMs);
    } else if (ask.answerer === BROADCAST_KEY) this.timer.soon(atMs, 250);
    else return;
    if (ask.kind === ASK_ADVERT) this.fullAsked = true;
  }

  /**
   * A parent that goes on asking for a sign of us does not hear our answers, and will soon tell everybody that we are gone: better
   * to be below another one by then.
   */
  private countSign(record: NodeRecord, atMs: number): void {
    if (record.key !== this.tree.parent) return;
    this.signs = atMs - this.signAtMs < 3 * this.profile.probeEveryMs ? this.signs + 1 : 1;
    this.signAtMs = atMs;
    if (this.signs < MOST_SIGNS) return;
    const hears = record.hearsUsBoot;
    record.hearsUsBoot = -1;
    if (!this.tree.replaceParent(atMs)) record.hearsUsBoot = hears;
    this.settle(atMs);
  }

  tick(atMs: number): void {
    if (atMs < this.tickAtMs) return;
    this.tickAtMs = atMs + CALM_TICK_MS;
    this.table.sweep(this.tree.placedRoot(), atMs);
    this.tree.tick(atMs);
    this.settleParent(atMs);
    for (const record of this.table.list) {
      if (!this.table.isOfTree(record)) continue;
      const silentAtMs = record.heardAtMs + this.profile.probeAfterMs;
      // Who hangs below us and was forgotten meanwhile has to show again that it hears us.
      if (!record.proven || atMs >= silentAtMs) {
        this.tickSoon(atMs);
        this.probe(record, ASK_SIGN, this.profile.probeEveryMs, atMs);
      } else if (silentAtMs < this.tickAtMs) this.tickAtMs = silentAtMs;
    }
    if (this.tree.isStaleSince(atMs - this.profile.newsMs)) this.askForNews(atMs);
    this.settle(atMs);
  }

  /** The parent is heard, but adverts were lost, here or on the way from the root: it says at once what it knows. */
  private askForNews(atMs: number): void {
    const parent = this.table.get(this.tree.parent);
    if (parent !== null) this.probe(parent, ASK_SIGN, NEWS_EVERY_MS, atMs);
  }

  /**
   * Our parent fell silent. Where another one took its place, its own parent says whether it is dead, or the link alone was: what a child
   * says of a living node makes hundreds pass it on, and the protest, too.
   */
  private settleParent(atMs: number): void {
    const row = this.table.lostParent;
    if (row < 0) return;
    this.table.lostParent = -1;
    if (!this.tree.isPlaced()) this.table.bury(row, atMs, true);
  }

  private tickSoon(atMs: number): void {
    if (this.tickAtMs > atMs + TICK_MS) this.tickAtMs = atMs + TICK_MS;
  }

  /** When tick, an advert or a view is due next. */
  wakeAtMs(): number {
    const wake = this.tickAtMs < this.timer.nextAtMs ? this.tickAtMs : this.timer.nextAtMs;
    return this.views.wakeAtMs(wake);
  }

  advertDue(atMs: number): boolean {
    return atMs >= this.timer.nextAtMs;
  }

  takeAsk(): Ask | null {
    return this.asks.shift() ?? null;
  }

  private settle(atMs: number): void {
    const tree = this.tree;
    if (!tree.isPlaced() || this.table.isRestless(atMs)) this.tickSoon(atMs);
    if (tree.moved) {
      tree.moved = false;
      this.table.setSelf(this.boot, tree.parent);
      this.timer.reset(atMs);
    }
    if (tree.sank) {
      tree.sank = false;
      this.timer.soon(atMs, 80);
    }
    if (tree.wantsAdverts) {
      tree.wantsAdverts = false;
      this.ask(ASK_ADVERT, BROADCAST_KEY);
    }
    if (this.table.newsToSpread) {
      this.table.newsToSpread = false;
      this.timer.soon(atMs, 250);
    }
    if (this.table.calmNews) {
      this.table.calmNews = false;
      this.timer.soon(atMs, CALM_NEWS_MS * (this.table.list.length + 1));
    }
  }

  private ask(kind: number, answerer: string): void {
    const ask = new Ask();
    ask.kind = kind;
    ask.answerer = answerer;
    this.asks.push(ask);
  }

  /** Asks a neighbour to speak: one that fell silent, before it is called gone; or whose last full advert we missed. */
  private probe(record: NodeRecord, kind: number, gapMs: number, atMs: number): boolean {
    if (atMs - record.probedAtMs < gapMs) return false;
    record.probedAtMs = atMs;
    this.counts.probes += 1;
    this.ask(kind, record.key);
    return true;
  }

  /** The advert to send now under frame counter `sequence`; sets the time of the next. */
  makeAdvert(sequence: number, atMs: number): Advert {
    const tree = this.tree;
    tree.stamp(sequence);
    const advert = new Advert();
    advert.isRoot = tree.isRoot();
    advert.lost = !tree.isPlaced();
    advert.coordinator = this.coordinator;
    if (WIFI_TREE) advert.linked = tree.isLinked();
    if (ROUTER) advert.holdsRouter = this.holdsRouter;
    advert.hops = advert.lost ? HOPS_NONE : tree.hops;
    advert.score = tree.ownScore();
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
    advert.digest = this.table.digest;
    advert.ancestors = tree.ancestors;
    this.shorten(advert, sequence);
    this.addEchoes(advert);
    const room = AIR_MAX_PAYLOAD - advert.headBytes() - advert.echoes.length;
    const records = Math.floor(room / RECORD_BYTES);
    advert.records = this.table.takeSpread(records < MAX_RECORDS ? records : MAX_RECORDS);
    this.timer.sent(atMs);
    if (this.table.hurries || this.table.spreading > MAX_RECORDS) this.timer.soon(atMs, 120);
    return advert;
  }

  /**
   * Short when all that counts was sent in full before; else this is what later ones refer to. What is only said again changes nothing in
   * that, or all who miss it would have to ask for it in turn.
   */
  private shorten(advert: Advert, sequence: number): void {
    const full = this.full;
    if (full === null || !advert.repeats(full)) {
      this.full = advert;
      this.fullSequence = sequence;
    } else if (!this.fullAsked) advert.base = this.fullSequence;
    this.fullAsked = false;
  }

  /** New neighbours first, and one more in turn. */
  private addEchoes(advert: Advert): void {
    const list = this.table.list;
    const bytes = new Uint8Array(MAX_ECHOES * ECHO_BYTES);
    let size = 0;
    for (const record of list) {
      if (record.echoDue === 0 || size === bytes.length) continue;
      record.echoDue -= 1;
      this.writeEcho(bytes, size, record);
      size += ECHO_BYTES;
    }
    this.echoAt = this.echoAt + 1 < list.length ? this.echoAt + 1 : 0;
    if (this.echoAt < list.length && size < bytes.length) {
      this.writeEcho(bytes, size, list[this.echoAt]);
      size += ECHO_BYTES;
    }
    advert.echoes = bytes.slice(0, size);
  }

  private writeEcho(bytes: Uint8Array, at: number, record: NodeRecord): void {
    writeU24(bytes, at, record.tail);
    writeU16(bytes, at + 3, record.heardBoot);
    bytes[at + 5] = -record.rssiDbm & 0xff;
  }
}
