const m = new Map<string, number>([
  ['a', 1],
  ['b', 2],
]);
m.forEach((value, key) => {
  console.log(key, value);
});
const s = new Set<number>([3, 1]);
s.forEach((one) => {
  console.log(one);
});
m.forEach((value, key) => {
  if (key === 'a') {
    m.set('z', value + 10);
    m.delete('b');
  }
  console.log(key);
});
function show(value: number, key: string): void {
  console.log('f', key, value);
}
m.forEach(show);
