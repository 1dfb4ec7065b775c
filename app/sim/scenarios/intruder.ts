/** A radio that belongs to nobody: sends what it made up, or what it has heard, from any address it likes. */
import type { SeededRandom } from '../../base/random.ts';
import {
  AIR_MAX_PAYLOAD,
  encodeAirFrame,
  AirHeader,
} from '../../../firmware-src/wire/air-frame.ts';
import { BROADCAST } from '../radio/medium.ts';
import type { AirFrame, Medium, Station } from '../radio/medium.ts';
import type { Position } from '../radio/propagation.ts';

/** Types of the mesh's own frames (firmware-src/wire/air-frame.ts), and one that is none. */
const TYPES = [0x40, 0x41, 0x42, 0x43, 0x44, 0x7f];
const GAP_US = 20_000;

/** Address of nobody: locally administered. */
export const GHOST = '02deadbeef01';
export const GHOST_MAC = '02:de:ad:be:ef:01';

export class Intruder {
  readonly #medium: Medium;
  readonly #random: SeededRandom;
  readonly #station: Station;
  #nextUs = 0;

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

  /** A frame with a right-looking header and a made-up tag. */
  forge(nowUs: number, channel: number, hint: number): void {
    const random = this.#random;
    const header = new AirHeader();
    header.type = TYPES[random.int(TYPES.length)]!;
    header.hint = hint;
    header.epoch = 1;
    header.origin = GHOST;
    header.boot = 1 + random.int(1000);
    header.sequence = 1 + random.int(0xffff);
    const payload = encodeAirFrame(header, random.bytes(random.int(AIR_MAX_PAYLOAD)));
    payload.set(random.bytes(8), 16);
    this.send(nowUs, GHOST, payload, channel);
  }

  send(nowUs: number, source: string, payload: Uint8Array, channel: number): void {
    const frame: AirFrame = { source, destination: BROADCAST, payload, channel };
    this.#nextUs = Math.max(this.#nextUs, nowUs) + GAP_US;
    this.#medium.send(this.#station, frame, this.#nextUs, () => undefined);
  }
}
