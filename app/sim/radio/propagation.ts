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
import { utf8 } from '../../base/bytes.ts';

export interface Position {
  /** Metres. */
  x: number;
  y: number;
}

/** A straight wall; every path that crosses it loses so much. */
export interface Wall {
  from: Position;
  to: Position;
  lossDb: number;
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
  #walls: readonly Wall[] = [];

  constructor(seed: number, options: Partial<PropagationOptions> = {}) {
    this.#seed = seed;
    this.#options = { ...USUAL_PROPAGATION, ...options };
  }

  get walls(): readonly Wall[] {
    return this.#walls;
  }

  /** To be changed through the medium (Medium.build), which remembers path losses. */
  set walls(walls: readonly Wall[]) {
    this.#walls = walls;
  }

  /** Mean RSSI in dBm at `to` of what `from` sends; ids are the boards' addresses. */
  rssiDbm(fromId: string, from: Position, toId: string, to: Position): number {
    const metres = Math.max(0.1, Math.hypot(from.x - to.x, from.y - to.y));
    const o = this.#options;
    let lost = 40 + 10 * o.exponent * Math.log10(metres);
    for (const wall of this.#walls) if (crosses(from, to, wall)) lost += wall.lossDb;
    return o.transmitPowerDbm - lost + this.#shadow(fromId, toId);
  }

  /** Probability that a frame of this strength is lost. */
  loss(rssiDbm: number): number {
    const o = this.#options;
    const fade = 1 / (1 + Math.exp((rssiDbm - o.halfLossDbm) / o.slopeDb));
    return o.floorLoss + (1 - o.floorLoss) * fade;
  }

  /** Weaker frames are never received (99 % of them would be lost), nor do they make the channel busy; they still disturb others. */
  get uselessDbm(): number {
    return this.#options.halfLossDbm - 5 * this.#options.slopeDb;
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
    // seededRandom's own steps (base/random.ts) without its closures: a world of 400 boards has 160,000 links.
    let state = Math.imul(crc32(utf8(name), this.#seed >>> 0) ^ 0x9e3779b9, 0x85ebca6b) | 0;
    state ^= state >>> 13;
    state = Math.imul(state, 0xc2b2ae35) | 0;
    if (state === 0) state = 0x6d2b79f5;
    let sum = -6;
    for (let i = 0; i < 12; i++) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      sum += (state >>> 0) / 0x1_0000_0000;
    }
    return sum;
  }
}

/** Whether the path and the wall cross, by the side on which each one's ends lie of the other. */
function crosses(a: Position, b: Position, { from, to }: Wall): boolean {
  const side = (p: Position, q: Position, r: Position): number =>
    Math.sign((q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x));
  return side(a, b, from) !== side(a, b, to) && side(from, to, a) !== side(from, to, b);
}
