import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readTrace, type TraceFile, type TraceKind } from './trace-file.ts';

/** Three boards; the second is killed, the third's clock is a turn ahead. Lines as app/sim/trace.ts describes them. */
const A = '24:0a:c4:00:00:10';
const B = '24:0a:c4:00:00:12';
const C = '24:0a:c4:00:00:14';
const TEXT = [
  `0 world node 0 ${A} hall lamp`,
  `0 world node 1 ${B} pump`,
  '0 world start 0',
  `0 ${A} board booting`,
  `137000 ${B} board booting`,
  `2400000 ${A} board running`,
  `2430000 ${A} tree - - node 255`,
  `6000000 ${A} tree - ${A} root 0`,
  `6500100 ${C} board running`,
  `6500000 ${B} tree ${A} ${A} node 1`,
  `6600000 ${B} received 92 0123abcd -61`,
  '9000000 world kill 1',
  `9000000 ${B} board off`,
  `9500000 ${C} newfangled thing of later`,
  '',
].join('\n');

function read(text: string): TraceFile {
  const result = readTrace(text);
  if (!result.ok) throw new Error(result.why);
  return result.trace;
}
const kinds = (...names: TraceKind[]): Set<TraceKind> => new Set(names);

describe('a trace', () => {
  it('says who is in it, how long it is, and how many events of each kind there are', () => {
    const trace = read(TEXT);
    expect(trace.boards).toEqual([A, B, C]);
    expect([A, B, C].map((mac) => trace.nameOf(mac))).toEqual(['hall lamp', 'pump', C]);
    expect([trace.startUs, trace.endUs, trace.length]).toEqual([0, 9_500_000, 14]);
    expect(trace.counts()).toMatchObject({ world: 4, board: 5, tree: 3, received: 1, other: 1 });
  });

  it('puts lines in order that are a turn late', () => {
    const trace = read(TEXT);
    const times = Array.from({ length: trace.length }, (_, i) => trace.timeUs(i));
    expect(times).toEqual([...times].sort((a, b) => a - b));
    expect(trace.event(8)).toEqual({
      atUs: 6_500_000,
      mac: B,
      kind: 'tree',
      rest: `${A} ${A} node 1`,
    });
    expect(trace.event(9)).toMatchObject({ mac: C, kind: 'board', rest: 'running' });
  });

  it('keeps kinds that it does not know, with all their words', () => {
    const trace = read(TEXT);
    expect(trace.event(trace.length - 1)).toEqual({
      atUs: 9_500_000,
      mac: C,
      kind: 'other',
      rest: 'newfangled thing of later',
    });
  });

  it('shows the tree as it was at any moment, and nothing of a board without power', () => {
    const trace = read(TEXT);
    const at = (us: number): unknown[] =>
      trace.placesAt(us).map(({ off, role, hops, parent }) => [off, role, hops, parent]);
    expect(at(0)).toEqual([
      [false, '', 255, null],
      [true, '', 255, null],
      [true, '', 255, null],
    ]);
    expect(at(6_500_000)).toEqual([
      [false, 'root', 0, null],
      [false, 'node', 1, A],
      [true, '', 255, null],
    ]);
    expect(at(9_000_000)[1]).toEqual([true, '', 255, null]);
    expect(trace.lane(0).map(({ was }) => was)).toEqual(['seeking', 'seeking', 'seeking', 'root']);
    expect(trace.lane(1).map(({ was }) => was)).toEqual(['seeking', 'node', 'off']);
  });

  it('selects by kind and board, always with what was done to the world', () => {
    const trace = read(TEXT);
    const chosen = trace.select(kinds('world', 'tree'), B);
    expect(Array.from(chosen, (i) => trace.event(i).rest)).toEqual([
      `node 0 ${A} hall lamp`,
      `node 1 ${B} pump`,
      'start 0',
      `${A} ${A} node 1`,
      'kill 1',
    ]);
    expect(trace.placeOf(chosen, 6_500_000)).toBe(3);
    expect(trace.placeOf(chosen, 6_500_001)).toBe(4);
    expect(trace.placeOf(chosen, 99_000_000)).toBe(5);
  });

  it('reads files with carriage returns, and leaves out a last line that was cut', () => {
    expect(read(TEXT.replaceAll('\n', '\r\n')).counts()).toEqual(read(TEXT).counts());
    const cut = read(`${TEXT}9600000 ${A} boa`);
    expect(cut.length).toBe(14);
  });

  it.each([
    ['', 'no complete line'],
    ['no line feed at all', 'no complete line'],
    [`${TEXT}{"t":"hello"}\n`, 'line 15'],
    [`12 24:0A:C4:00:00:10 board off\n`, 'line 1'],
    ['-1 world start 0\n', 'line 1'],
    ['9999999999999999 world start 0\n', 'line 1'],
  ])('refuses %j in words', (text, words) => {
    const result = readTrace(text);
    expect(result.ok).toBe(false);
    if (!result.ok) expect(result.why).toContain(words);
  });

  it('stands any text, any cut and any order', () => {
    const lines = TEXT.trimEnd().split('\n');
    fc.assert(
      fc.property(fc.shuffledSubarray(lines, { minLength: 1 }), fc.nat(), (some, cutAt) => {
        const text = `${some.join('\n')}\n`;
        const trace = read(text);
        const times = Array.from({ length: trace.length }, (_, i) => trace.timeUs(i));
        expect(times).toEqual([...times].sort((a, b) => a - b));
        expect(trace.placesAt(trace.endUs)).toHaveLength(trace.boards.length);
        readTrace(text.slice(0, cutAt % text.length));
      }),
    );
    fc.assert(fc.property(fc.string(), (text) => void readTrace(text)));
  });

  it('sorts a file of several runs one after the other', () => {
    const one = Array.from({ length: 6000 }, (_, i) => `${i * 10} ${A} pin 2 ${i % 2}\n`).join('');
    const trace = read(one + one);
    expect(trace.length).toBe(12_000);
    expect([trace.timeUs(0), trace.timeUs(1), trace.timeUs(2)]).toEqual([0, 0, 10]);
  });
});
