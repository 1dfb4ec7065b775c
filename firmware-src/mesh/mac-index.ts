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
    return this.look(view.getUint32(at) >>> 8, view.getUint32(at + 2) & 0xffffff);
  }

  findKey(key: string): number {
    return key === '' ? -1 : this.look(parseInt(key.slice(0, 6), 16), parseInt(key.slice(6), 16));
  }

  private look(head: number, tail: number): number {
    const prefix = this.prefixes.indexOf(head);
    return prefix < 0 ? -1 : (this.#numbers.get(prefix * PREFIX + tail) ?? -1);
  }

  /** False when there are too many different prefixes. */
  set(key: string, number: number): boolean {
    const head = parseInt(key.slice(0, 6), 16);
    let prefix = this.prefixes.indexOf(head);
    if (prefix < 0) {
      prefix = this.prefixes.length;
      if (prefix >= MOST_PREFIXES) return false;
      this.prefixes.push(head);
    }
    this.#numbers.set(prefix * PREFIX + parseInt(key.slice(6), 16), number);
    return true;
  }

  delete(view: DataView, at: number): void {
    const prefix = this.prefixes.indexOf(view.getUint32(at) >>> 8);
    this.#numbers.delete(prefix * PREFIX + (view.getUint32(at + 2) & 0xffffff));
  }

  size(): number {
    return this.#numbers.size;
  }
}
