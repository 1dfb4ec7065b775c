// Maps walked while they change, maps nobody walks, sets of objects.
class Thing {
  readonly name: string;
  constructor(name: string) {
    this.name = name;
  }
}
class Store {
  readonly #seen = new Set<string>();
  readonly #byName = new Map<string, Thing>();
  add(name: string): boolean {
    if (this.#seen.has(name)) return false;
    this.#seen.add(name);
    this.#byName.set(name, new Thing(name));
    return true;
  }
  drop(name: string): number {
    this.#byName.delete(name);
    return this.#byName.size * 10 + this.#seen.size;
  }
  get(name: string): string {
    return this.#byName.get(name)?.name ?? 'none';
  }
}
const store = new Store();
console.log(
  store.add('a'),
  store.add('b'),
  store.add('a'),
  store.get('b'),
  store.drop('b'),
  store.get('b'),
);

const counts = new Map<string, number>([
  ['one', 1],
  ['two', 2],
  ['three', 3],
]);
const lines: string[] = [];
for (const [key, value] of counts) {
  lines.push(`${key}=${String(value)}`);
  if (value === 2) counts.delete('three');
  if (key === 'one') counts.set('four', 4);
}
console.log(lines.join());
for (const key of counts.keys()) if (key.startsWith('t')) counts.delete(key);
console.log(Array.from(counts.values()).join(), counts.size);
for (const value of counts.values()) lines.push(String(value));
console.log(lines.length);
const things = new Set<Thing>();
const thing = new Thing('x');
things.add(thing).add(new Thing('x')).add(thing);
console.log(things.size, things.has(thing));
const unordered = new Map<number, string>();
for (let i = 0; i < 5; i++) unordered.set(i * 7, `n${String(i)}`);
console.log(
  unordered.get(14) ?? '',
  unordered.has(3),
  unordered.delete(14),
  unordered.delete(14),
  unordered.size,
);
