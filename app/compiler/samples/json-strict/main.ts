// JSON.parse: keys keep their order, and what is no JSON is refused.
function kind(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text) as unknown);
  } catch {
    return 'refused';
  }
}

const good = [
  '{"z":1,"a":[true,false,null],"m":{"y":2,"b":3}}',
  ' [ 1 , -2 , 30 ] ',
  '"text \\" \\\\ \\/ \\u0041 \\n"',
  '0',
  '-0.0e0',
  '1.0',
  '1e3',
  '{}',
  '[]',
  ' {"a" : [ ] , "b" : { } } ',
  '{"a":1,"b":2,"a":3}',
];
const bad = [
  '',
  ' ',
  '{',
  '[',
  '[1',
  '[1,',
  '[1,]',
  '[,1]',
  '[1 2]',
  '{"a"}',
  '{"a" 1}',
  '{"a":1,}',
  '{a:1}',
  "{'a':1}",
  '01',
  '1.',
  '.5',
  '+1',
  '-',
  '1e',
  '1e+',
  '0x10',
  'nul',
  'nullx',
  'True',
  'NaN',
  '"',
  '"\\x"',
  '"\\u12"',
  '"a\nb"',
  '1 2',
  '[1]]',
  '{"a":1}}',
  '--1',
  '1-2',
  '1.2.3',
  '"a" "b"',
  '\u00a01',
  '1.e3',
];
for (const text of good) console.log(kind(text));
for (const text of bad) console.log(kind(text), JSON.stringify(text));
const record = JSON.parse('{"second":2,"first":1}') as Record<string, number>;
console.log(Object.keys(record).join(), record['first'] ?? 0);
