interface Message {
  kind: string;
  size: number;
  note?: string;
}
const message: Message = { kind: 'a', size: 3 };
console.log(message.kind, message.size, message.note ?? 'none', 'note' in message);
message.note = 'x';
console.log('note' in message, JSON.stringify(message));
const copy: Message = { ...message, size: 9 };
console.log(copy.size, message.size, copy.note ?? '');
const table: Record<string, number> = {};
table['zeta'] = 1;
table['alpha'] = 2;
table.beta = 3;
table['10'] = 4;
table['9'] = 5;
console.log(Object.keys(table).join(), Object.values(table).join(), table['nope'] === undefined);
for (const [key, value] of Object.entries(table)) console.log(key, value);
delete table['alpha'];
console.log('alpha' in table, Object.keys(table).length, table['beta'] ?? 0);
const TYPE = { advert: 0x40, ask: 0x41 } as const;
console.log(TYPE.advert + TYPE.ask);
const key = 'computed';
const computed: Record<string, number> = { [key]: 1, other: 2 };
console.log(computed['computed'] ?? 0, Object.hasOwn(computed, 'other'));
const nested = { a: { b: [1, { c: 'deep' }] }, n: null, t: true, e: [] as number[] };
console.log(JSON.stringify(nested));
console.log(
  JSON.stringify('q"\\\n\u0001é'),
  JSON.stringify([1, 'a', null, false]),
  JSON.stringify(5),
);
const parsed = JSON.parse('{"a":[1,2,{"b":"x"}],"n":null,"t":true}') as {
  a: (number | { b: string })[];
  n: null;
  t: boolean;
};
console.log(parsed.a.length, parsed.t, parsed.n === null);
function fields(value: unknown): string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return 'none';
  const record = value as Record<string, unknown>;
  const t = record['t'];
  return typeof t === 'string' ? t : 'no t';
}
console.log(fields(JSON.parse('{"t":"hi"}')), fields(JSON.parse('[1]')), fields(JSON.parse('3')));
console.log(fields({ t: 5 }));
try {
  JSON.parse('{"a":');
} catch {
  console.log('bad json');
}
const merged = Object.assign({ a: 1 }, { b: 2 });
console.log(merged.a + merged.b);
