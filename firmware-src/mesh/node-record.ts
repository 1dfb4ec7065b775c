import type { Advert } from '../wire/advert.ts';
import { tailOf } from '../wire/cells.ts';
import { FIRST_SAMPLES, MOST_SAMPLES, smoothLevel, steadyRssi } from './link.ts';

/** A neighbour that promises something is asked again after this for what we missed of it. */
export const PATIENCE_MS = 4000;

/** A neighbour: a node whose own frames arrive here. What is known of any node at all is in its row of the table. */
export class NodeRecord {
  readonly key: string;
  readonly tail: number;
  readonly row: number;
  heardAtMs = 0;
  /** Of its frames, on average and held steady. */
  rssiDbm = 0;
  /** That, or how it last said that it hears us, whichever is weaker: a link is worth its worse direction. */
  linkDbm = 0;
  /** Boot counter in its newest frame heard here, proven or not. */
  heardBoot = 0;
  heardSequence = 0;
  /** One of its frames named our present boot counter: its counters are not from a recording. Survives its reboots. */
  proven = false;
  /** Boot counter with which it said it hears us, -1 never: the link works both ways. */
  hearsUsBoot = -1;
  /** Its newest full advert, with what short ones brought since; null while there is none that holds. */
  advert: Advert | null = null;
  /** Frame counter of that. */
  advertBoot = 0;
  advertSequence = 0;
  /** How often it was asked for a full advert since the last one. */
  asked = 0;
  /** When it was asked to advertise; at first a time that lets those be asked at once whom we need or who promise something. */
  probedAtMs: number;
  /** Boot counter at which we last showed it whom we know, -1 never. */
  greetedBoot = -1;
  /** In how many more adverts of ours it shall be named as heard. */
  echoDue = 3;
  /** Since when its digest differs from ours without a break; -1 it does not. */
  differsSinceMs = -1;

  readonly metAtMs: number;
  /** As in its last echo of us, 0 none. */
  private echoedDbm = 0;
  /** Its signal in sixteenths of a dBm, 0 not heard yet, and how many samples that counts as. */
  private level = 0;
  private samples = FIRST_SAMPLES;

  constructor(key: string, row: number, metAtMs: number) {
    this.key = key;
    this.tail = tailOf(key);
    this.row = row;
    this.metAtMs = metAtMs;
    this.probedAtMs = metAtMs - PATIENCE_MS;
  }

  measure(rssiDbm: number): void {
    if (this.level < 0 && this.samples < MOST_SAMPLES) this.samples += 1;
    this.level = smoothLevel(this.level, rssiDbm, this.samples);
    this.rssiDbm = steadyRssi(this.rssiDbm, this.level);
    this.weigh();
  }

  heardAs(rssiDbm: number): void {
    this.echoedDbm = rssiDbm;
    this.weigh();
  }

  private weigh(): void {
    this.linkDbm = this.echoedDbm < this.rssiDbm ? this.echoedDbm : this.rssiDbm;
  }

  /** Heard by us and hearing us. */
  twoWay(): boolean {
    return this.proven && this.hearsUsBoot === this.heardBoot;
  }
}

/** We listened to nobody for so long: nobody among these was silent meanwhile. */
export function excuse(records: readonly NodeRecord[], ms: number, atMs: number): void {
  for (const record of records) {
    const heardAtMs = record.heardAtMs + ms;
    record.heardAtMs = heardAtMs < atMs ? heardAtMs : atMs;
  }
}
