import { NO_NODE } from '../wire/cells.ts';
import { LINK_STATE } from '../wire/link-frame.ts';
import { encodeOffer, type Grant, LinkOffer } from '../wire/link-report.ts';
import type { LinkHome } from './link-home.ts';
import type { TreeLink } from './tree-link.ts';

/** Children that a node takes, as access points do by default; one more for as long as the root moves another away or has it let go. */
export const MOST_CHILDREN = 4;
/** What the access point itself lets in: stations that died stay on its list for minutes, and are of no account to us. */
const MOST_STATIONS = 9;
const OFFERS = 4;
const OFFER_GAP_MS = 450;
/** A slot is kept for the candidate for so long: joining takes one to three seconds. */
const SLOT_MS = 14000;
/** Without children an access point only costs air. */
const SHUT_MS = 60000;
/** An access point that did not come up is tried again after this. */
const BROKEN_MS = 120000;

/** A child's place at our access point, from the offer on. */
class Slot {
  readonly number: number;
  readonly key: string;
  readonly moves: boolean;
  offersLeft = OFFERS;
  nextAtMs: number;
  untilMs: number;
  linked = false;

  constructor(number: number, key: string, moves: boolean, atMs: number) {
    this.number = number;
    this.key = key;
    this.moves = moves;
    this.nextAtMs = atMs;
    this.untilMs = atMs + SLOT_MS;
  }
}

/** This node's access point, whom it offers a place there, and the links to those who came. */
export class ChildLinks {
  /** Connections, proven or not. */
  readonly links: TreeLink[] = [];
  /** The last candidate who did not come; the owner resets it. */
  absent = NO_NODE;
  /** The bytes of 10.x.y while the access point is open or opening, else -1. */
  subnet = -1;

  private readonly home: LinkHome;
  private slots: Slot[] = [];
  /** MAC of the access point, '' while it is not open. */
  private point = '';
  private openedBoot = 0;
  private usedAtMs = 0;
  private brokenUntilMs = 0;

  constructor(home: LinkHome) {
    this.home = home;
  }

  /** How many children this node can have. */
  limit(atMs: number): number {
    if (!this.home.isRoomy) return this.tails().length;
    return atMs < this.brokenUntilMs ? 0 : MOST_CHILDREN;
  }

  /** Whether somebody is or may soon be on our access point. */
  isUsed(): boolean {
    return this.slots.length > 0;
  }

  /** Tails of those who are linked to us. */
  tails(): number[] {
    const tails: number[] = [];
    for (const link of this.links) if (link.isUp) tails.push(link.tail);
    return tails;
  }

  /** The root wants this neighbour to be our child, or not any more; `above` is the subnet that we are in ourselves, -1 none. */
  grant(grant: Grant, above: number, atMs: number): void {
    const home = this.home;
    for (const link of this.links.slice())
      if (grant.releases && link.isUp && link.tail === grant.candidate)
        this.drop(link.id, true, atMs);
    if (grant.releases || !home.rooted || !home.isRoomy || home.path.includes(grant.candidate))
      return;
    if (atMs < this.brokenUntilMs) return;
    for (const record of home.table.list) {
      if (record.tail !== grant.candidate || !record.twoWay()) continue;
      const known = this.slotOf(record.key);
      if (known !== null && known.linked) return;
      this.slots = this.slots.filter((slot) => slot !== known);
      if (this.slots.length > MOST_CHILDREN) return;
      let number = 0;
      while (this.isTaken(number)) number += 1;
      this.slots.push(new Slot(number, record.key, grant.moves, atMs));
      if (this.subnet < 0) this.open(above);
      return;
    }
  }

  private slotOf(key: string): Slot | null {
    for (const slot of this.slots) if (slot.key === key) return slot;
    return null;
  }

  private isTaken(number: number): boolean {
    for (const slot of this.slots) if (slot.number === number) return true;
    return false;
  }

  /** The subnet is chosen here, never that above us, and stays for as long as the access point is open. */
  private open(above: number): void {
    const home = this.home;
    const own = home.selfTail & 0xffff;
    this.subnet = own === above ? own ^ 0x8000 : own;
    this.openedBoot = home.boot;
    const secrets = home.secretsOf(home.selfKey, home.boot);
    home.orders.push({
      kind: 'open',
      name: secrets.slice(0, 16),
      password: secrets.slice(16),
      subnet: this.subnet,
      stations: MOST_STATIONS,
    });
  }

  shut(): void {
    this.home.orders.push({ kind: 'shut' });
    this.point = '';
    this.subnet = -1;
  }

  /** The access point is open under this MAC; '' when it could not be opened. */
  opened(point: string, atMs: number): void {
    this.usedAtMs = atMs;
    this.point = point;
    if (point !== '') return;
    this.shut();
    this.slots = [];
    this.brokenUntilMs = atMs + BROKEN_MS;
    this.home.reportDue = true;
  }

  /** The next offer for the air. */
  takeOffer(atMs: number): Uint8Array | null {
    if (this.point === '' || !this.home.rooted) return null;
    for (const slot of this.slots) {
      if (slot.offersLeft === 0 || atMs < slot.nextAtMs) continue;
      slot.offersLeft -= 1;
      slot.nextAtMs = atMs + OFFER_GAP_MS;
      const offer = new LinkOffer();
      offer.moves = slot.moves;
      offer.slot = slot.number;
      offer.candidate = slot.key;
      offer.point = this.point;
      offer.boot = this.openedBoot;
      offer.subnet = this.subnet;
      offer.path = this.home.path.slice();
      return encodeOffer(offer);
    }
    return null;
  }

  accepted(id: number, atMs: number): void {
    this.links.push(this.home.newLink(id, NO_NODE, atMs));
  }

  find(id: number): TreeLink | null {
    for (const link of this.links) if (link.id === id) return link;
    return null;
  }

  /** Somebody names himself: let in if we offered a place. An older connection of the same child is from before. */
  greet(link: TreeLink, atMs: number): void {
    const slot = this.slotOf(link.key);
    if (slot === null) {
      link.broken = true;
      return;
    }
    for (const other of this.links.slice()) {
      if (other === link || other.key !== link.key) continue;
      this.home.orders.push({ kind: 'drop', link: other.id });
      this.links.splice(this.links.indexOf(other), 1);
    }
    slot.linked = false;
    slot.untilMs = atMs + SLOT_MS;
    const bytes = link.welcome(this.home.state(), atMs);
    this.home.orders.push({ kind: 'send', link: link.id, bytes: bytes });
  }

  /** A child's first frame after the greeting: it is no recording. True the first time. */
  prove(link: TreeLink): boolean {
    const slot = this.slotOf(link.key);
    if (slot === null || slot.linked) return false;
    slot.linked = true;
    slot.offersLeft = 0;
    this.home.reportDue = true;
    return true;
  }

  /** The connection is over; `tell` when the driver does not know yet. */
  drop(id: number, tell: boolean, atMs: number): void {
    const link = this.find(id);
    if (link === null) return;
    this.links.splice(this.links.indexOf(link), 1);
    if (tell) this.home.orders.push({ kind: 'drop', link: id });
    if (!link.isUp) return;
    this.slots = this.slots.filter((slot) => slot.key !== link.key);
    this.usedAtMs = atMs;
    this.home.reportDue = true;
  }

  /** Tells all children where we hang. */
  announce(atMs: number): void {
    for (const link of this.links)
      if (link.isUp) this.home.send(link, LINK_STATE, this.home.state(), atMs);
  }

  tick(atMs: number): void {
    const home = this.home;
    for (const link of this.links.slice()) {
      if (home.isDead(link, atMs)) this.drop(link.id, true, atMs);
      else if (home.isHeartbeatDue(link, atMs)) home.send(link, LINK_STATE, home.state(), atMs);
    }
    for (let i = 0; i < this.slots.length; i += 1) {
      const slot = this.slots[i];
      if (slot.linked || atMs < slot.untilMs) continue;
      this.slots.splice(i, 1);
      this.absent = slot.key;
      break;
    }
    if (this.slots.length > 0 || this.links.length > 0) this.usedAtMs = atMs;
    else if (this.point !== '' && atMs - this.usedAtMs > SHUT_MS) this.shut();
  }
}
