/**
 * How strongly one board hears another.
 *
 * RSSI = transmit power - 40 dB - 10 n log10(d / 1 m) + shadow(link) + asymmetry(direction)
 *   40 dB      free space loss over the first metre at 2.44 GHz (Friis)
 *   n          3.0: indoors with some walls (Rappaport, Wireless Communications, table 4.2: 2.7 to 3.5 in cities, 4 to 6 obstructed)
 *   shadow     normal, 4 dB, the same in both directions; asymmetry normal, 1 dB; both fixed by the seed and the two addresses
 * Loss = logistic in RSSI around -95 dBm, after the 1 Mbit/s sensitivity of -98 dBm in the ESP32 data sheet (table "Receiver
 * characteristics") less a margin for real antennas. Figures are for planning, not for a certain house.
 */
import { crc32 } from '../../base/crc.ts';
import { seededRandom } from '../../base/random.ts';
import { utf8 } from '../../base/bytes.ts';

export interface Position {
  /** Metres. */
  x: number;
  y: number;
}

export interface PropagationOptions {
  transmitPowerDbm: number;
  exponent: number;
  shadowDb: number;
  asymmetryDb: number;
  halfLossDbm: number;
  /** Width of the step from "all arrives" to "nothing arrives". */
  slopeDb: number;
  /** Lost at any strength. */
  floorLoss: number;
}

export const USUAL_PROPAGATION: PropagationOptions = {
  transmitPowerDbm: 19.5,
  exponent: 3,
  shadowDb: 4,
  asymmetryDb: 1,
  halfLossDbm: -95,
  slopeDb: 1.5,
  floorLoss: 0.005,
};

export class Propagation {
  readonly #options: PropagationOptions;
  readonly #seed: number;
  readonly #shadows = new Map<string, number>();

  constructor(seed: number, options: Partial<PropagationOptions> = {}) {
    this.#seed = seed;
    this.#options = { ...USUAL_PROPAGATION, ...options };
  }

  /** Mean RSSI in dBm at `to` of what `from` sends; ids are the boards' addresses. */
  rssiDbm(fromId: string, from: Position, toId: string, to: Position): number {
    const metres = Math.max(0.1, Math.hypot(from.x - to.x, from.y - to.y));
    const o = this.#options;
    return (
      o.transmitPowerDbm - 40 - 10 * o.exponent * Math.log10(metres) + this.#shadow(fromId, toId)
    );
  }

  /** Probability that a frame of this strength is lost. */
  loss(rssiDbm: number): number {
    const o = this.#options;
    const fade = 1 / (1 + Math.exp((rssiDbm - o.halfLossDbm) / o.slopeDb));
    return o.floorLoss + (1 - o.floorLoss) * fade;
  }

  /** Below this nothing is heard at all, not even as a busy channel. */
  get silenceDbm(): number {
    return this.#options.halfLossDbm - 8 * this.#options.slopeDb;
  }

  #shadow(fromId: string, toId: string): number {
    const link = `${fromId}>${toId}`;
    let value = this.#shadows.get(link);
    if (value === undefined) {
      const pair = fromId < toId ? `${fromId}=${toId}` : `${toId}=${fromId}`;
      value =
        this.#options.shadowDb * this.#normal(pair) +
        this.#options.asymmetryDb * this.#normal(link);
      this.#shadows.set(link, value);
    }
    return value;
  }

  /** Sum of twelve uniforms less six: close to normal, and the same on every machine (no logarithms or cosines). */
  #normal(name: string): number {
    const random = seededRandom(crc32(utf8(name), this.#seed >>> 0));
    let sum = -6;
    for (let i = 0; i < 12; i++) sum += random.next01();
    return sum;
  }
}
