const graph = new Map<string, Map<string, number>>();
const edge = (a: string, b: string, w: number): void => {
  for (const [x, y] of [
    [a, b],
    [b, a],
  ] as const) {
    let m = graph.get(x);
    if (m === undefined) graph.set(x, (m = new Map()));
    m.set(y, Math.min(w, m.get(y) ?? Infinity));
  }
};
edge('a', 'b', 4);
edge('b', 'c', 1);
edge('a', 'c', 9);
edge('c', 'd', 2);
edge('a', 'b', 3);
edge('x', 'x', 0);
function shortest(from: string): Map<string, number> {
  const best = new Map<string, number>([[from, 0]]);
  const open = new Set([from]);
  while (open.size > 0) {
    let at = '';
    let least = Infinity;
    for (const one of open) {
      const d = best.get(one)!;
      if (d < least) {
        least = d;
        at = one;
      }
    }
    open.delete(at);
    for (const [to, w] of graph.get(at) ?? []) {
      const d = least + w;
      if (d < (best.get(to) ?? Infinity)) {
        best.set(to, d);
        open.add(to);
      }
    }
  }
  return best;
}
console.log([...shortest('a')].map(([k, v]) => `${k}=${v}`).join(' '), graph.size);
const tally: Record<string, number> = {};
for (const word of 'the cat the dog a cat the'.split(' ')) tally[word] = (tally[word] ?? 0) + 1;
console.log(
  JSON.stringify(tally),
  Object.keys(tally).length,
  Object.entries(tally)
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .map(([k, v]) => k + v)
    .join(),
);
delete tally['the'];
tally['the'] = 9;
console.log(JSON.stringify(tally), 'dog' in tally, 'cow' in tally);
const m = new Map<number, string[]>();
for (const n of [3, 1, 2, 3, 1]) {
  const l = m.get(n) ?? [];
  l.push('n' + n);
  m.set(n, l);
}
console.log(
  [...m.entries()].map(([k, l]) => `${k}:${l.join('|')}`).join(' '),
  [...m.keys()].join(),
  [...m.values()].flat().length,
);
for (const [k] of m) {
  if (k === 3) m.delete(1);
  if (k === 2) {
    m.set(10, []);
    m.delete(3);
  }
  if (k === 10) m.set(1, ['again']);
}
console.log([...m.keys()].join());
const set = new Set<number>();
for (const n of [5, 5, 4]) set.add(n);
for (const n of set) if (n < 8) set.add(n + 2);
console.log([...set].join(), set.has(9), set.delete(9), set.delete(77));
const byKey = new Map<object, string>();
const k1 = { a: 1 },
  k2 = { a: 1 };
class K {
  id = 1;
}
const k3 = new K();
byKey.set(k3, 'k3');
console.log(byKey.get(k3) ?? '-', byKey.get(new K()) ?? '-', String(k1 === k2));
const copy = new Map(graph);
copy.delete('a');
console.log(copy.size, graph.size, [...copy.keys()].join(''));
const inverse = new Map([...Object.entries(tally)].map(([k, v]) => [v, k] as const));
console.log([...inverse].map(([k, v]) => `${k}${v}`).join());
m.forEach((list, key) => {
  if (list.length === 0) console.log('empty', key);
});
m.clear();
console.log(m.size);
const two = new Map<string, { hits: number; last?: string }>();
const touch = (k: string, who?: string) => {
  const e = two.get(k) ?? { hits: 0 };
  e.hits++;
  if (who !== undefined) e.last = who;
  two.set(k, e);
  return e;
};
touch('p');
touch('p', 'me');
touch('q');
console.log(
  JSON.stringify([...two.values()]),
  two.get('q')?.last ?? 'nobody',
  two.get('zz')?.hits ?? -1,
);
const deep: Record<string, Record<string, number[]>> = {};
((deep['x'] ??= {})['y'] ??= []).push(1);
((deep['x'] ??= {})['y'] ??= []).push(2);
console.log(JSON.stringify(deep));
