const m = new Map<number, string>();
for (let i = 0; i < 6; i++) m.set(i, `v${i}`);
for (const [k] of m) {
  if (k % 2 === 0) m.delete(k);
  if (k === 3) m.set(10, 'late');
  console.log(k);
}
console.log([...m.keys()].join(), [...m.values()].join(), m.size);
const s = new Set(['a', 'b', 'c']);
for (const x of s) {
  console.log(x);
  s.delete('b');
  if (x === 'c') s.add('a2');
  if (x === 'a' && s.size > 2) {
    s.delete('a');
    s.add('a');
  }
}
console.log([...s].join(''), s.has('b'), s.size);
m.set(1, 'changed');
m.delete(3);
m.set(3, 'back');
console.log([...m].map(([k, v]) => `${k}=${v}`).join());
console.log(
  [...m.entries()].length,
  new Map(m).size,
  new Set([...s, 'q']).size,
  [...new Set([3, 1, 3, 2])].join(),
);
const counts = new Map<string, number>();
for (const ch of 'mississippi') counts.set(ch, (counts.get(ch) ?? 0) + 1);
console.log(
  [...counts]
    .sort((x, y) => y[1] - x[1] || (x[0] < y[0] ? -1 : 1))
    .map(([k, v]) => k + v)
    .join(' '),
);
const groups = new Map<boolean, number[]>();
for (const n of [1, 2, 3, 4]) {
  const key = n % 2 === 0;
  const list = groups.get(key);
  if (list === undefined) groups.set(key, [n]);
  else list.push(n);
}
console.log(groups.get(true)?.join() ?? '', groups.get(false)?.join() ?? '');
const union = new Set([...[1, 2], ...[2, 3]]);
console.log([...union].filter((x) => [2, 3].includes(x)).join());
const it = m.entries();
const f = it.next();
if (f.done !== true) console.log(f.value[0], f.value[1]);
