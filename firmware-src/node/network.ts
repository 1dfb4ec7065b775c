import type { Crypto } from '../std/crypto.ts';
import { decodeAdvert, encodeAdvert } from '../wire/advert.ts';
import { APPLICATION, ROUTER, WIFI_TREE } from '../features.ts';
import {
  TYPE_ADVERT,
  TYPE_APP,
  TYPE_APP_TAKEN,
  TYPE_ASK,
  TYPE_INFO,
  TYPE_LINK,
  TYPE_MOVE,
  TYPE_VIEW,
} from '../wire/air-frame.ts';
import {
  APP_CONTROL_TRY,
  type AppFrame,
  decodeAppFrame,
  decodeTaken,
  encodeAppFrame,
  encodeTaken,
} from '../wire/app-message.ts';
import { Ask, ASK_ADVERT, ASK_INFO, ASK_PASS, decodeAsk, encodeAsk } from '../wire/ask.ts';
import { BROADCAST_KEY, NO_NODE, tailOf } from '../wire/cells.ts';
import type { Credentials, RouterCredentials } from '../wire/credentials.ts';
import { decodeInfo } from '../wire/info.ts';
import { decodeMove } from '../wire/move.ts';
import { decodeView, encodeView } from '../wire/view.ts';
import type { MeshChannel } from '../mesh/channel.ts';
import { isNewer } from '../mesh/freshness.ts';
import type { LinkSecret } from '../mesh/link-home.ts';
import { type LinkMaker, type Links, openLinkMaker } from '../mesh/links.ts';
import { Mesh } from '../mesh/mesh.ts';
import { MessageRelay } from '../mesh/message-relay.ts';
import { excuse } from '../mesh/node-record.ts';
import { BOOT, SEQUENCE } from '../mesh/node-rows.ts';
import { Profile } from '../mesh/profile.ts';
import { openRouter, type RouterPart } from '../mesh/router.ts';
import { ACCEPTED, FrameGate, REJECT_REPLAYED, REJECT_UNREADABLE } from './frame-gate.ts';
import type { Messages } from './messages.ts';
import { Names } from './names.ts';

/** A sender of old counters, or whoever replays its frames, is answered no more often than this. */
const PASS_GAP_MS = 2000;
const LAST_BOOT = 0xffffff;
/** More than one message's parts; a neighbour keeps what finds no room, and tries again. */
const MOST_CONTROL = 4;
/** A frame that nobody took after so many tries over a link goes over the air: the link may be dead, and nobody knows it yet. */
const LINK_TRIES = 2;
/** Gaps between tries to load the code of links where there was no memory for it double, up to the last. */
const LOAD_FIRST_MS = 15000;
const LOAD_LAST_MS = 600000;
/** A loop rests for 0.3 s at most: one that comes back later was held up. */
const LATE_MS = 1000;

function hexOf(counter: number): string {
  return (counter & 0xffffff).toString(16).padStart(6, '0');
}

/** A joined node's side of the air: frames in, frames out; everything that needs the network's keys. */
export class Network {
  readonly gate: FrameGate;
  readonly mesh: Mesh;
  readonly names: Names;
  /** Passes applications' messages on, with or without an application of our own. */
  readonly relay: MessageRelay;
  /** Our own application's; null without one. */
  messages: Messages | null = null;
  /** The Wi-Fi links to parent and children; null in a build without them, and while there is no memory for them. */
  links: Links | null = null;
  /** The router's part and the channel that goes with it; null in a network without a router. */
  router: RouterPart | null = null;
  channel: MeshChannel | null = null;
  /** Somebody is being set up over the air: the radio stays where it is. */
  quiet = false;
  sent = 0;
  /** Control frames for this node, to be taken by it. */
  readonly control: AppFrame[] = [];

  private readonly selfKey: string;
  private readonly crypto: Crypto;
  private linkMaker: LinkMaker | null = null;
  private linkSecret: LinkSecret | null = null;
  private tickedAtMs: number;
  private loadAtMs = -1;
  private loadGapMs = LOAD_FIRST_MS;
  private renewed = false;
  private passAtMs = 0;
  private pass: Ask | null = null;

  constructor(
    crypto: Crypto,
    credentials: Credentials,
    selfKey: string,
    boot: number,
    atMs: number,
  ) {
    this.selfKey = selfKey;
    this.crypto = crypto;
    this.tickedAtMs = atMs;
    this.gate = new FrameGate(crypto, selfKey, boot, credentials);
    this.mesh = new Mesh(selfKey, boot, new Profile(credentials.timing));
    this.names = new Names(this.mesh, selfKey);
    this.relay = new MessageRelay(selfKey, this.mesh.table, this.mesh.tree);
    if (WIFI_TREE) this.linkUnder(credentials);
    this.mesh.start(atMs);
  }

  /** Links are proven by the key that we sign with: the older one until we have switched. */
  private linkUnder(credentials: Credentials): void {
    const previous = credentials.previous;
    const isOlder = previous !== null && !previous.retired;
    const epoch = isOlder ? previous.epoch : credentials.epoch;
    const known = this.linkSecret;
    if (known !== null && epoch === known.epoch) return;
    const key = isOlder ? previous.key : credentials.networkKey;
    this.linkSecret = { networkId: credentials.networkId, networkKey: key, epoch: epoch };
    this.renewLinks();
  }

  /** All links are made anew: their access points were on another channel or under another key, or there were none yet. */
  renewLinks(): void {
    const { crypto, gate, selfKey } = this;
    const { table, tree } = this.mesh;
    const secret = this.linkSecret;
    if (!WIFI_TREE || secret === null) return;
    // The old ones go first: there may be no memory for both.
    this.links = null;
    tree.prefer(NO_NODE, 0);
    try {
      this.linkMaker ??= openLinkMaker();
      this.links = this.linkMaker.make(crypto, secret, selfKey, gate.boot, table, tree);
    } catch (error) {
      // tick() tries again.
      this.linkMaker = null;
      if (error instanceof Error) tree.events.push(['links-no-memory', selfKey]);
    }
  }

  /** Without memory for links the tree is held over ESP-NOW alone, until there is some. */
  private loadLinks(atMs: number): void {
    if (this.loadAtMs < 0) {
      this.loadAtMs = atMs + this.loadGapMs;
      this.loadGapMs = this.loadGapMs * 2 < LOAD_LAST_MS ? this.loadGapMs * 2 : LOAD_LAST_MS;
    } else if (atMs >= this.loadAtMs) {
      this.loadAtMs = -1;
      this.renewLinks();
      if (this.links !== null) this.loadGapMs = LOAD_FIRST_MS;
    }
  }

  /** This network has a router. `channels`: where to begin, and where else the mesh may be. The radio may start once router.ready is true. */
  serveRouter(router: RouterCredentials, channels: readonly number[]): void {
    const part = openRouter(router, this.mesh, channels);
    this.channel = part.channel;
    this.router = part;
  }

  /** '' while it is not known. */
  nameOf(key: string): string {
    const one = this.names.find(key);
    return one === null ? '' : one.name;
  }

  zoneOf(key: string): string {
    const one = this.names.find(key);
    return one === null ? '' : one.zone;
  }

  /** ACCEPTED or the cause of refusal. `from` is the sending radio's key. */
  receive(from: string, rssiDbm: number, bytes: Uint8Array, atMs: number): string {
    const cause = this.gate.open(from, bytes);
    if (cause !== ACCEPTED) {
      if (cause === REJECT_REPLAYED) this.showNewest(from, atMs);
      return cause;
    }
    const header = this.gate.header;
    const payload = this.gate.payload;
    if (header.type === TYPE_ADVERT) {
      const advert = decodeAdvert(payload);
      if (advert === null) return this.refuse(REJECT_UNREADABLE);
      if (ROUTER && this.channel !== null && !this.channel.counts(advert)) return ACCEPTED;
      if (!this.mesh.hear(from, header.boot, header.sequence, rssiDbm, advert, atMs)) {
        return this.refuseOld(from, atMs);
      }
      return ACCEPTED;
    }
    if (ROUTER && this.channel !== null && !this.channel.counts(null)) return ACCEPTED;
    if (!this.mesh.hear(from, header.boot, header.sequence, rssiDbm, null, atMs)) {
      return this.refuseOld(from, atMs);
    }
    if (header.type === TYPE_ASK) return this.receiveAsk(from, payload, atMs);
    if (header.type === TYPE_INFO) return this.receiveInfo(from, payload, atMs);
    if (header.type === TYPE_VIEW) {
      const view = decodeView(payload);
      if (view === null) return this.refuse(REJECT_UNREADABLE);
      this.mesh.handleView(from, view, atMs);
      return ACCEPTED;
    }
    if (header.type === TYPE_APP) return this.receiveApp(from, payload, atMs);
    if (header.type === TYPE_APP_TAKEN) {
      const names = decodeTaken(payload);
      if (names === null) return this.refuse(REJECT_UNREADABLE);
      if (this.isProven(from)) this.relay.receiveTaken(from, names, atMs);
      return ACCEPTED;
    }
    if (WIFI_TREE && header.type === TYPE_LINK && this.links !== null) {
      if (this.isProven(from) && !this.links.hear(from, payload, atMs))
        return this.refuse(REJECT_UNREADABLE);
      return ACCEPTED;
    }
    if (ROUTER && header.type === TYPE_MOVE && this.channel !== null) {
      const move = decodeMove(payload);
      if (move === null) return this.refuse(REJECT_UNREADABLE);
      if (this.isProven(from)) this.channel.hear(move, from, atMs);
      return ACCEPTED;
    }
    return this.refuse(REJECT_UNREADABLE);
  }

  private isProven(key: string): boolean {
    const record = this.mesh.table.get(key);
    return record !== null && record.proven;
  }

  /** Goes on with other keys, name or zone, in its place in the tree. */
  rekey(crypto: Crypto, credentials: Credentials): void {
    this.gate.rekey(crypto, credentials);
    if (WIFI_TREE) this.linkUnder(credentials);
  }

  private keepControl(frame: AppFrame): void {
    frame.bytes = frame.bytes.slice();
    this.control.push(frame);
  }

  private receiveApp(from: string, payload: Uint8Array, atMs: number): string {
    const frame = decodeAppFrame(payload);
    const record = this.mesh.table.get(from);
    if (frame === null) return this.refuse(REJECT_UNREADABLE);
    if (record === null || !record.proven) return ACCEPTED;
    if (frame.attempt === APP_CONTROL_TRY) {
      if (this.relay.receive(record, frame, this.control.length < MOST_CONTROL, atMs)) {
        this.keepControl(frame);
      }
    } else if (APPLICATION) {
      const messages = this.messages;
      const hasInbox = messages === null || !messages.isInboxFull();
      if (this.relay.receive(record, frame, hasInbox, atMs) && messages !== null)
        messages.receive(frame, atMs);
    } else this.relay.receive(record, frame, true, atMs);
    return ACCEPTED;
  }

  /** Frames of messages that came over links; what is taken is answered there. */
  private receiveLinked(links: Links, atMs: number): void {
    for (;;) {
      const carried = links.takePayload();
      if (carried === null) return;
      const record = this.mesh.table.get(carried.from);
      if (record === null || !record.proven) continue;
      if (carried.taken) {
        const names = decodeTaken(carried.bytes);
        if (names !== null) this.relay.receiveTaken(carried.from, names, atMs);
        continue;
      }
      const frame = decodeAppFrame(carried.bytes);
      if (frame === null) continue;
      const messages = this.messages;
      const isControl = frame.attempt === APP_CONTROL_TRY;
      let hasInbox = messages === null || !messages.isInboxFull();
      if (isControl) hasInbox = this.control.length < MOST_CONTROL;
      if (this.relay.receiveLinked(record, frame, hasInbox, atMs)) {
        if (isControl) this.keepControl(frame);
        else if (messages !== null) messages.receive(frame, atMs);
      }
      if (this.relay.hasTaken(frame)) links.carry(record.tail, true, encodeTaken([frame]), atMs);
    }
  }

  private refuseOld(from: string, atMs: number): string {
    this.showNewest(from, atMs);
    return this.refuse(REJECT_REPLAYED);
  }

  /**
   * An authentic frame came with an old counter: a recording, or its sender lost its counter. The sender alone can tell, so
   * it is told the newest counter that we know of it. To one that is not behind this says nothing new.
   */
  private showNewest(from: string, atMs: number): void {
    if (atMs < this.passAtMs) return;
    this.passAtMs = atMs + PASS_GAP_MS;
    const floors = this.gate.floors;
    const floor = floors.find(from);
    let boot = floor < 0 ? 0 : floors.boot(floor);
    let sequence = floor < 0 ? 0 : floors.sequence(floor);
    const rows = this.mesh.table.rows;
    const row = rows.findKey(from);
    if (row >= 0 && isNewer(rows.u24(row, BOOT), rows.u24(row, SEQUENCE), boot, sequence)) {
      boot = rows.u24(row, BOOT);
      sequence = rows.u24(row, SEQUENCE);
    }
    const ask = new Ask();
    ask.kind = ASK_PASS;
    ask.answerer = from;
    ask.subjects.push(hexOf(boot) + hexOf(sequence));
    this.pass = ask;
  }

  /** A neighbour knows of this counter of ours: when we are behind it, we lost count and go on above it. */
  private catchUp(newest: string, atMs: number): void {
    const boot = tailOf('000000' + newest.slice(0, 6));
    const sequence = tailOf(newest);
    const gate = this.gate;
    if (boot >= LAST_BOOT || !isNewer(boot, sequence, gate.boot, gate.lastSequence())) return;
    this.renew(boot + 1);
    this.mesh.timer.reset(atMs);
  }

  private renew(boot: number): void {
    this.gate.renew(boot);
    this.mesh.renew(boot);
    if (WIFI_TREE && this.links !== null) this.links.renew(boot);
    this.renewed = true;
  }

  private refuse(cause: string): string {
    this.gate.accepted -= 1;
    this.gate.count(cause);
    return cause;
  }

  private receiveAsk(from: string, payload: Uint8Array, atMs: number): string {
    const ask = decodeAsk(payload);
    if (ask === null) return this.refuse(REJECT_UNREADABLE);
    if (ask.kind === ASK_PASS) {
      if (ask.answerer === this.selfKey) this.catchUp(ask.subjects[0], atMs);
    } else if (ask.kind !== ASK_INFO) this.mesh.handleAsk(from, ask, atMs);
    else if (ask.answerer === this.selfKey) this.names.receiveAsk(from, ask.subjects, atMs);
    return ACCEPTED;
  }

  private receiveInfo(from: string, payload: Uint8Array, atMs: number): string {
    const entries = decodeInfo(payload);
    if (entries === null) return this.refuse(REJECT_UNREADABLE);
    if (this.isProven(from)) this.names.receive(entries, atMs);
    return ACCEPTED;
  }

  tick(atMs: number): void {
    const lateMs = atMs - this.tickedAtMs;
    this.tickedAtMs = atMs;
    if (lateMs > LATE_MS) this.wasAway(lateMs, atMs);
    this.mesh.tick(atMs);
    if (ROUTER) this.tickRouter(atMs);
    if (WIFI_TREE) {
      const links = this.links;
      if (links === null) this.loadLinks(atMs);
      else {
        links.tick(atMs);
        this.receiveLinked(links, atMs);
      }
    }
    if (APPLICATION && this.messages !== null) {
      this.messages.tick(atMs);
      this.names.listen(atMs);
    }
  }

  /** This node was held up, by a scan, code that was loaded or a flash that was written, and what the others said meanwhile may be lost. */
  private wasAway(ms: number, atMs: number): void {
    excuse(this.mesh.table.list, ms, atMs);
    if (WIFI_TREE && this.links !== null) this.links.excuse(ms);
  }

  private tickRouter(atMs: number): void {
    const { channel, router, mesh } = this;
    if (channel === null || router === null || !router.ready) return;
    router.tick(this.quiet, atMs);
    const searches = mesh.tree.isRoot() && !this.quiet && !router.isBusy();
    channel.tick(searches, mesh.table.presentCount === 0, atMs);
  }

  /** The next frame to send now, null when there is none. */
  takeFrame(atMs: number): Uint8Array | null {
    if (this.gate.nextSequence() === 0) this.renew(this.gate.boot + 1);
    const pass = this.pass;
    if (pass !== null) {
      this.pass = null;
      return this.seal(TYPE_ASK, encodeAsk(pass));
    }
    if (ROUTER && this.channel !== null) {
      const channel = this.channel;
      if (this.router !== null && this.router.isAstray(atMs)) return null;
      if (channel.visiting !== 0) return channel.takeAsk() ? this.askAdverts() : null;
      const move = channel.takeMove(atMs);
      if (move !== null) return this.seal(TYPE_MOVE, move);
    }
    let ask = this.mesh.takeAsk();
    if (ask === null) ask = this.names.takeAsk(atMs);
    if (ask !== null) return this.seal(TYPE_ASK, encodeAsk(ask));
    if (this.mesh.advertDue(atMs)) {
      const advert = this.mesh.makeAdvert(this.gate.nextSequence(), atMs);
      return this.seal(TYPE_ADVERT, encodeAdvert(advert));
    }
    const names = this.relay.takeTaken(atMs);
    if (names !== null) return this.seal(TYPE_APP_TAKEN, encodeTaken(names));
    const frame = this.relay.takeFrame(atMs);
    if (frame !== null) {
      const payload = encodeAppFrame(frame);
      if (!WIFI_TREE || !this.goesByLink(frame, payload, atMs)) return this.seal(TYPE_APP, payload);
    }
    if (WIFI_TREE && this.links !== null) {
      const payload = this.links.takeAir(atMs);
      if (payload !== null) return this.seal(TYPE_LINK, payload);
    }
    const view = this.mesh.views.take(atMs);
    if (view !== null) return this.seal(TYPE_VIEW, encodeView(view));
    const info = this.names.takeInfo(atMs);
    return info === null ? null : this.seal(TYPE_INFO, info);
  }

  private askAdverts(): Uint8Array {
    const ask = new Ask();
    ask.kind = ASK_ADVERT;
    ask.answerer = BROADCAST_KEY;
    return this.seal(TYPE_ASK, encodeAsk(ask));
  }

  /** To one neighbour over the link to it; what is for all is sent once for all of them, on the air. */
  private goesByLink(frame: AppFrame, payload: Uint8Array, atMs: number): boolean {
    const links = this.links;
    if (links === null || frame.isToAll() || this.relay.tries > LINK_TRIES) return false;
    return links.carry(frame.nextTail, false, payload, atMs);
  }

  private seal(type: number, payload: Uint8Array): Uint8Array {
    this.sent += 1;
    return this.gate.seal(type, payload);
  }

  /** The boot counter to store when this start's sequence numbers ran out; 0 when there is nothing to store. */
  takeRenewedBoot(): number {
    if (!this.renewed) return 0;
    this.renewed = false;
    return this.gate.boot;
  }

  wakeAtMs(): number {
    let wake = this.relay.wakeAtMs(this.mesh.wakeAtMs());
    if (WIFI_TREE && this.links !== null && this.links.wakeAtMs() < wake)
      wake = this.links.wakeAtMs();
    return this.names.wakeAtMs(wake);
  }
}
