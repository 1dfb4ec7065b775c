interface Row {
  key: number;
  name: string;
}
const rows: Row[] = 'abcdefghijkl'.split('').map((name, i) => ({ key: i % 3, name }));
rows.sort((x, y) => x.key - y.key);
console.log(rows.map((r) => r.name).join(''));
rows.sort((x, y) => y.key - x.key || (x.name < y.name ? 1 : -1));
console.log(rows.map((r) => `${r.key}${r.name}`).join(' '));
