import { tailOf } from '../wire/cells.ts';

/** Different makers' prefixes (first three bytes of MACs) that can be told apart. */
const MOST_PREFIXES = 60;
const PREFIX = 0x1000000;

/**
 * From MACs to numbers, without an object for any: the place of its prefix in a short list and the last three bytes are one
 * integer that still fits a board's small ones (below 2^30).
 */
export class MacIndex {
  readonly #numbers: Map<number, number> = new Map();
  private readonly prefixes: number[] = [];

  /** The number of the MAC at `at`, -1 when it has none. */
  find(view: DataView, at: number): number {
    return this.#numbers.get(this.placeAt(view, at)) ?? -1;
  }

  findKey(key: string): number {
    return key === '' ? -1 : (this.#numbers.get(this.placeOfKey(key)) ?? -1);
  }

  /** False when there are too many different prefixes. */
  set(key: string, number: number): boolean {
    const head = parseInt(key.slice(0, 6), 16);
    if (this.prefixes.indexOf(head) < 0) {
      if (this.prefixes.length >= MOST_PREFIXES) return false;
      this.prefixes.push(head);
    }
    this.#numbers.set(this.placeOfKey(key), number);
    return true;
  }

  delete(view: DataView, at: number): void {
    this.#numbers.delete(this.placeAt(view, at));
  }

  size(): number {
    return this.#numbers.size;
  }

  private placeAt(view: DataView, at: number): number {
    return this.place(view.getUint32(at) >>> 8, view.getUint32(at + 2) & 0xffffff);
  }

  private placeOfKey(key: string): number {
    return this.place(parseInt(key.slice(0, 6), 16), tailOf(key));
  }

  /** -1 for a prefix that is not in the list: nothing is there. */
  private place(head: number, tail: number): number {
    const prefix = this.prefixes.indexOf(head);
    return prefix < 0 || prefix >= MOST_PREFIXES ? -1 : prefix * PREFIX + tail;
  }
}
