import fc from 'fast-check';
import { expect, it } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { ImageError } from '../image-error.ts';
import { nvsFromCsv, nvsToCsv } from './csv.ts';
import type { NvsEntry, NvsValue } from './value.ts';

const HEAD = 'key,type,encoding,value\n';

it('reads every encoding', () => {
  const text = `# made by hand
${HEAD}
a,namespace,,
n,data,u8,255
m,data,i32,-0x10
l,data,u64,18446744073709551615
s,data,string,"one, ""two""
three"
h,data,hex2bin,00fF
b,data,base64,AAEC
f,file,binary,some.bin\r
g,file,hex2bin,hex.txt
b,namespace,,
n,data,i8,-128`;
  const files: Record<string, Uint8Array> = {
    'some.bin': Uint8Array.of(9, 8),
    'hex.txt': utf8('0a0b\n'),
  };
  const blob = (...bytes: number[]): NvsValue => ({ kind: 'blob', bytes: Uint8Array.from(bytes) });
  expect(nvsFromCsv(text, { readFile: (name) => files[name]! })).toEqual([
    { namespace: 'a', key: 'n', value: { kind: 'u8', value: 255 } },
    { namespace: 'a', key: 'm', value: { kind: 'i32', value: -16 } },
    { namespace: 'a', key: 'l', value: { kind: 'u64', value: (1n << 64n) - 1n } },
    { namespace: 'a', key: 's', value: { kind: 'string', text: 'one, "two"\nthree' } },
    { namespace: 'a', key: 'h', value: blob(0, 255) },
    { namespace: 'a', key: 'b', value: blob(0, 1, 2) },
    { namespace: 'a', key: 'f', value: blob(9, 8) },
    { namespace: 'a', key: 'g', value: blob(10, 11) },
    { namespace: 'b', key: 'n', value: { kind: 'i8', value: -128 } },
  ]);
});

it.each([
  ['', 'line 1: expected the columns key,type,encoding,value'],
  ['name,value\n', 'line 1: expected the columns'],
  [`${HEAD}k,data,u8,1`, 'line 2: a namespace row has to come first'],
  [`${HEAD}a,namespace,,\nk,data,u8,256`, 'line 3: u8 holds 0 to 255, got 256'],
  [`${HEAD}a,namespace,,\nk,data,u8,1.5`, 'line 3: "1.5" is not a whole number'],
  [`${HEAD}a,namespace,,\nk,data,float,1`, 'line 3: unknown encoding "float"'],
  [`${HEAD}a,namespace,,\nk,thing,u8,1`, 'line 3: the type is namespace, data or file'],
  [`${HEAD}a,namespace,,\nk,data,hex2bin,abc`, 'line 3: hex2bin expects pairs'],
  [`${HEAD}a,namespace,,\nk,data,base64,abc`, 'line 3: base64 expects groups'],
  [`${HEAD}a,namespace,,\nk,data,string,"x\ny\n`, 'line 3: a quote is not closed'],
  [`${HEAD}a,namespace,,\nk,data,string,"x"y`, 'line 3: expected a comma'],
  [`${HEAD}a,namespace,,\n\n#\nk,data,u8,1,2`, 'line 5: expected 4 columns, found 5'],
  [`${HEAD}a,namespace,,\ns,data,string,"1\n2"\nk,data,u8,x`, 'line 5: "x" is not'],
  [`${HEAD}a,namespace,,\nk,data,u8,1\nk,data,u8,2`, 'line 4: "k" was given in line 3 already'],
  [`${HEAD}a_name_too_long_,namespace,,`, 'line 2: a namespace has 1 to 15'],
  [`${HEAD}a,namespace,,\nk,file,binary,x`, 'line 3: rows of type file cannot be read here'],
])('refuses %j with the line', (text, message) => {
  expect(() => nvsFromCsv(text)).toThrow(ImageError);
  expect(() => nvsFromCsv(text)).toThrow(message);
});

it('reads back what it writes', () => {
  const name = fc.stringMatching(/^[a-z_]{1,15}$/);
  const value: fc.Arbitrary<NvsValue> = fc.oneof(
    fc.integer({ min: -0x8000, max: 0x7fff }).map((n) => ({ kind: 'i16' as const, value: n })),
    fc.bigInt(-(1n << 63n), (1n << 63n) - 1n).map((n) => ({ kind: 'i64' as const, value: n })),
    fc
      .string({ maxLength: 60, unit: 'grapheme' })
      .filter((text) => !text.includes('\0'))
      .map((text) => ({ kind: 'string' as const, text })),
    fc.uint8Array({ maxLength: 80 }).map((bytes) => ({ kind: 'blob' as const, bytes })),
  );
  const entry = fc.record({ namespace: name, key: name, value });
  const entries = fc.uniqueArray(entry, { selector: (e) => `${e.namespace}/${e.key}` });
  const sorted = (list: readonly NvsEntry[]): NvsEntry[] =>
    [...list].sort((a, b) => (a.namespace + a.key < b.namespace + b.key ? -1 : 1));
  fc.assert(
    fc.property(entries, (list) => {
      expect(sorted(nvsFromCsv(nvsToCsv(list)))).toEqual(sorted(list));
    }),
  );
});

it('ends any text in entries or in its own error', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 200 }), (rest) => {
      try {
        nvsFromCsv(HEAD + rest);
      } catch (error) {
        expect(error).toBeInstanceOf(ImageError);
      }
    }),
  );
});
