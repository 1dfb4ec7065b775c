const map = new Map<string, number>([
  ['z', 1],
  ['a', 2],
]);
map.set('m', 3).set('b', 4);
map.set('z', 10);
console.log(map.size, map.get('z') ?? 0, map.has('q'), map.get('q') === undefined);
console.log(map.delete('a'), map.delete('a'), [...map.keys()].join(), [...map.values()].join());
for (const [key, value] of map) console.log(key, value);
for (const key of map.keys()) if (key === 'm') map.delete('b');
console.log([...map.keys()].join());
for (const [key] of map) {
  map.delete(key);
  if (key === 'z') map.set('new', 1);
}
console.log(map.size);
map.clear();
const set = new Set([3, 1, 3, 2]);
set.add(9).add(1);
console.log(set.size, set.has(9), set.has(8), [...set].join(), set.delete(3), [...set].join());
for (const n of set) if (n === 1) set.add(50);
console.log(Array.from(set).join());
class Key {
  readonly id: number;
  constructor(id: number) {
    this.id = id;
  }
}
const one = new Key(1);
const byObject = new Map<Key, string>();
byObject.set(one, 'one');
byObject.set(new Key(1), 'other');
console.log(byObject.get(one) ?? '', byObject.size);
const numbers = new Map<number, string>();
for (let i = 40; i > 0; i -= 7) numbers.set(i, 'n' + i.toString());
console.log([...numbers.entries()].map(([k, v]) => k.toString() + v).join());
numbers.forEach((value) => console.log(value));
