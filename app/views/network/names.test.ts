import { expect, it } from 'vitest';
import { nextName, readNames, zoneName } from './names.ts';

it('reads one name, several names and a counted range', () => {
  expect(readNames('gate', [])).toEqual({ ok: true, names: ['gate'] });
  expect(readNames('gate, lamp-1..3', [])).toEqual({
    ok: true,
    names: ['gate', 'lamp-1', 'lamp-2', 'lamp-3'],
  });
  expect(readNames('row 09..11', [])).toEqual({ ok: true, names: ['row 09', 'row 10', 'row 11'] });
});
it.each([
  ['', 'Type a name'],
  ['a-5..1', 'backwards'],
  ['a-1..9999', 'more than 400'],
  ['lamp-1', 'taken'],
  ['a, a', 'taken'],
  ['LAMP-1', 'taken'],
  ['ä'.repeat(17), 'longer than 32 bytes'],
])('refuses "%s" in words', (text, words) => {
  const result = readNames(text, ['lamp-1']);
  expect(result.ok ? '' : result.message).toContain(words);
});
it('proposes the next free name', () => {
  expect(nextName([])).toBe('node-1');
  expect(nextName(['lamp-5'])).toBe('lamp-6');
  expect(nextName(['lamp-6', 'lamp-5'])).toBe('lamp-7');
  expect(nextName(['gate'])).toBe('gate-2');
  expect(nextName(['r-09'])).toBe('r-10');
});
it('turns what people type into the name of a zone', () => {
  expect(zoneName('  First Floor ')).toBe('first-floor');
  expect(zoneName(' ')).toBe('');
});
