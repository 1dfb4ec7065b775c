/** How strongly each station is heard by each other one, worked out once for their places and the walls as they are. */
import type { Station } from './medium.ts';
import type { Propagation } from './propagation.ts';

/** What one station's frames meet. */
export interface Reach {
  /** Mean strength at each station, by its number. */
  rssiDbm: Float64Array;
  /** Those that can receive it at all, in the order of their ids; and how strongly. */
  receivers: Station[];
  receivedDbm: Float64Array;
  /** Their numbers. */
  receiverNumbers: Int32Array;
}

export class Reaches {
  /** Counts changes of stations, places and walls. */
  generation = 0;
  readonly #propagation: Propagation;
  #stations: Station[] = [];
  #numbers = new Map<Station, number>();
  #reaches: (Reach | undefined)[] = [];

  constructor(propagation: Propagation) {
    this.#propagation = propagation;
  }

  /** In the order of their ids; a station's number is its place here. */
  get stations(): readonly Station[] {
    return this.#stations;
  }

  numberOf(station: Station): number | undefined {
    return this.#numbers.get(station);
  }

  add(station: Station): void {
    this.#stations.push(station);
    this.#stations.sort((a, b) => (a.id < b.id ? -1 : 1));
    this.forget();
  }

  remove(station: Station): void {
    this.#stations = this.#stations.filter((other) => other !== station);
    this.forget();
  }

  /** Something has moved. */
  forget(): void {
    this.#numbers = new Map(this.#stations.map((station, i) => [station, i]));
    this.#reaches = [];
    this.generation++;
  }

  rssiDbm(from: Station, to: Station): number {
    const at = this.#numbers.get(to);
    const reach = at === undefined ? undefined : this.of(from);
    if (at === undefined || !reach) {
      return this.#propagation.rssiDbm(from.id, from.position, to.id, to.position);
    }
    return reach.rssiDbm[at]!;
  }

  /** Undefined for a station that has left. */
  of(from: Station): Reach | undefined {
    const number = this.#numbers.get(from);
    if (number === undefined) return undefined;
    let reach = this.#reaches[number];
    if (!reach) {
      const rssiDbm = Float64Array.from(this.#stations, (to) =>
        this.#propagation.rssiDbm(from.id, from.position, to.id, to.position),
      );
      const least = this.#propagation.uselessDbm;
      const receiverNumbers = Int32Array.from(
        [...rssiDbm.keys()].filter((i) => i !== number && rssiDbm[i]! >= least),
      );
      const receivers = Array.from(receiverNumbers, (i) => this.#stations[i]!);
      const receivedDbm = Float64Array.from(receiverNumbers, (i) => rssiDbm[i]!);
      reach = { rssiDbm, receivers, receivedDbm, receiverNumbers };
      this.#reaches[number] = reach;
    }
    return reach;
  }
}
