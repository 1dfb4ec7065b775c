class LruCache<K, V> {
  readonly #map = new Map<K, V>();
  readonly #capacity: number;
  #hits = 0;
  constructor(capacity: number) {
    this.#capacity = capacity;
  }
  get(key: K): V | undefined {
    const value = this.#map.get(key);
    if (value === undefined) return undefined;
    this.#hits++;
    this.#map.delete(key);
    this.#map.set(key, value);
    return value;
  }
  set(key: K, value: V): this {
    this.#map.delete(key);
    this.#map.set(key, value);
    if (this.#map.size > this.#capacity) {
      const oldest = this.#map.keys().next();
      if (oldest.done !== true) this.#map.delete(oldest.value);
    }
    return this;
  }
  get hits(): number {
    return this.#hits;
  }
  keys(): K[] {
    return [...this.#map.keys()];
  }
}
const cache = new LruCache<string, number>(2);
cache.set('a', 1).set('b', 2);
console.log(cache.get('a') ?? -1);
cache.set('c', 3);
console.log(cache.keys().join(), cache.get('b') ?? -1, cache.hits);
