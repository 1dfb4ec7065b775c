import { type Advert, HOPS_NONE } from '../wire/advert.ts';
import { tailOf } from '../wire/cells.ts';

/** What this node knows about another one; always absolute state, stamped by the other's own counter. */
export class NodeRecord {
  readonly key: string;
  readonly tail: number;
  /** Newest counter that this state comes from. */
  boot = 0;
  sequence = 0;
  parent = '';
  root = '';
  hops = HOPS_NONE;
  isRoot = false;
  coordinator = false;
  infoHash = 0;
  /** What is known of its name and zone, and their hash; 0 nothing. */
  name = '';
  zone = '';
  namedHash = 0;
  /** When the newest counter became known here. */
  knownAtMs = 0;
  /** Who told; itself when heard directly. */
  via = '';

  /** In direct range: a frame of its own came within the lease. */
  direct = false;
  heardAtMs = 0;
  rssiDbm = 0;
  /** Boot counter in its newest frame heard here, proven or not. */
  heardBoot = 0;
  /** One of its frames named our present boot counter: its counters are not from a recording. Survives its reboots. */
  proven = false;
  /** Boot counter with which it said it hears us, -1 never: the link works both ways. */
  hearsUsBoot = -1;
  advert: Advert | null = null;
  probedAtMs = 0;

  gone = false;
  goneAtMs = 0;
  /** A neighbour lost it at the very frame that we heard last. */
  saidGone = false;
  /** Its path to our root is broken since; -1 it is not. */
  detachedAtMs = -1;

  /** In how many more adverts of ours this record shall travel, and how often neighbours sent it meanwhile. */
  spread = 0;
  copies = 0;
  /** Boot counter at which we last showed it whom we know, -1 never. */
  greetedBoot = -1;
  /** In how many more adverts of ours it shall be named as heard. */
  echoDue = 0;
  /** Its part of the digest: 0 while it is gone or unknown. */
  mark = 0;
  /** Since when its digest differs from ours without a break; -1 it does not. */
  differsSinceMs = -1;
  /** We heard it once and do not any more: how often we still ask around by showing what we last knew. */
  queries = 0;
  queriedAtMs = 0;
  /** Counted and reported as present. */
  shown = false;
  /** Waits in the table's list of changes. */
  queued = false;

  constructor(key: string) {
    this.key = key;
    this.tail = tailOf(key);
  }

  setInfo(name: string, zone: string, hash: number): void {
    this.name = name;
    this.zone = zone;
    this.namedHash = hash;
  }

  /** Heard by us and hearing us. */
  twoWay(): boolean {
    return this.direct && this.proven && !this.gone && this.hearsUsBoot === this.boot;
  }
}
