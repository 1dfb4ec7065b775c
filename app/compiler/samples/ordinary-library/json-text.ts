const text = '{"name":"n","list":[1,2,{"x":null}],"ok":true,"neg":-5,"s":"q\\"\\u0041\\n"}';
const v = JSON.parse(text) as {
  name: string;
  list: unknown[];
  ok: boolean;
  neg: number;
  s: string;
};
console.log(v.name, v.list.length, v.ok, v.neg, v.s, JSON.stringify(v));
console.log(
  JSON.stringify('a"b\\\n\u0001/é'),
  JSON.stringify([]),
  JSON.stringify({}),
  JSON.stringify(null),
  JSON.stringify([true, 'x', 5, null]),
  JSON.stringify([undefined]),
);
try {
  JSON.parse('{bad');
  console.log('no');
} catch (e) {
  console.log(e instanceof SyntaxError, e instanceof Error);
}
console.log(
  JSON.stringify({ b: 1, a: { d: [1, { z: 1, y: 2 }], c: 2 } }),
  JSON.stringify(JSON.parse('{"z":1,"a":2,"3":0}')),
);
console.log(JSON.stringify({ a: [1, 2], b: { c: 'x' } }, null, 2));
function isRecord(x: unknown): x is Record<string, unknown> {
  return typeof x === 'object' && x !== null && !Array.isArray(x);
}
const u = JSON.parse('{"n": 5, "t": "x", "l": [1]}') as unknown;
if (isRecord(u)) {
  const n = u['n'];
  if (typeof n === 'number') console.log(n + 1);
  const t = u['t'];
  if (typeof t === 'string') console.log(t.length);
  const l = u['l'];
  if (Array.isArray(l)) console.log(l.length);
}
