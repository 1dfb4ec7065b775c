/** A radio that belongs to nobody: sends what it made up, or what it has heard, from any address it likes. */
import type { SeededRandom } from '../../base/random.ts';
import { Advert, ECHO_BYTES, encodeAdvert } from '../../../firmware-src/wire/advert.ts';
import {
  AIR_MAX_PAYLOAD,
  encodeAirFrame,
  AirHeader,
  TYPE_ADVERT,
} from '../../../firmware-src/wire/air-frame.ts';
import { tailOf, writeU16, writeU24 } from '../../../firmware-src/wire/cells.ts';
import { BROADCAST } from '../radio/medium.ts';
import type { AirFrame, Medium, Station } from '../radio/medium.ts';
import type { Position } from '../radio/propagation.ts';

/** Types of the mesh's own frames (firmware-src/wire/air-frame.ts), and one that is none. */
const TYPES = [0x40, 0x41, 0x42, 0x43, 0x44, 0x7f];
const GAP_US = 20_000;
/** As many as find room beside the rest. */
const MOST_VICTIMS = 16;

/** Address of nobody: locally administered. */
export const GHOST = '02deadbeef01';
export const GHOST_MAC = '02:de:ad:be:ef:01';

export class Intruder {
  readonly #medium: Medium;
  readonly #random: SeededRandom;
  readonly #station: Station;
  #nextUs = 0;
  #forged = 0;

  constructor(medium: Medium, random: SeededRandom, position: Position) {
    this.#medium = medium;
    this.#random = random;
    this.#station = {
      id: GHOST,
      position,
      channel: () => undefined,
      owns: () => false,
      receive: () => undefined,
    };
    medium.add(this.#station);
  }

  stand(position: Position): void {
    this.#medium.move(this.#station, position);
  }

  /**
   * A frame with a right-looking header and a made-up tag. Every other one is an advert as of a root that hears everybody under
   * their first boot counters: whoever let it in would follow it.
   */
  forge(nowUs: number, channel: number, hint: number, victims: readonly string[]): void {
    const random = this.#random;
    const header = new AirHeader();
    header.type = TYPES[random.int(TYPES.length)]!;
    header.hint = hint;
    header.epoch = 1;
    header.origin = GHOST;
    header.boot = 1 + random.int(1000);
    header.sequence = 1 + random.int(0xffff);
    const bytes = random.bytes(random.int(AIR_MAX_PAYLOAD));
    const isAdvert = (this.#forged++ & 1) === 0;
    if (isAdvert) header.type = TYPE_ADVERT;
    const payload = encodeAirFrame(header, isAdvert ? this.#advert(header, victims) : bytes);
    payload.set(random.bytes(8), 16);
    this.send(nowUs, GHOST, payload, channel);
  }

  #advert(header: AirHeader, victims: readonly string[]): Uint8Array {
    const advert = new Advert();
    advert.isRoot = true;
    advert.hops = 0;
    advert.cost = 0;
    advert.score = 0xffff;
    advert.root = GHOST;
    advert.rootScore = 0xffff;
    advert.rootBoot = header.boot;
    advert.rootSequence = header.sequence;
    const near = victims.slice(0, MOST_VICTIMS);
    advert.echoes = new Uint8Array(ECHO_BYTES * near.length);
    near.forEach((key, i) => {
      writeU24(advert.echoes, ECHO_BYTES * i, tailOf(key));
      writeU16(advert.echoes, ECHO_BYTES * i + 3, 1);
      advert.echoes[ECHO_BYTES * i + 5] = 60;
    });
    return encodeAdvert(advert);
  }

  send(nowUs: number, source: string, payload: Uint8Array, channel: number): void {
    const frame: AirFrame = { source, destination: BROADCAST, payload, channel };
    this.#nextUs = Math.max(this.#nextUs, nowUs) + GAP_US;
    this.#medium.send(this.#station, frame, this.#nextUs, () => undefined);
  }
}
