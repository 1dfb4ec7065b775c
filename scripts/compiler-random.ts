import fc from 'fast-check';
import { programs } from '../app/compiler/testing/random-programs.ts';
import { type Comparison, runBoth } from '../app/compiler/testing/run-both.ts';

/**
 * Random programs of the compiler's subset in V8 and in MicroPython, for as long as there is time:
 * `npx tsx scripts/compiler-random.ts [minutes] [first seed]`; for a night `nice npx tsx scripts/compiler-random.ts 480`.
 * Prints each seed with the programs it ran, and of every difference the program, made smaller by leaving out lines as
 * long as the difference stays. Exits with 1 when there was one.
 */
const minutes = Number(process.argv[2] ?? '5');
const firstSeed = Number(process.argv[3] ?? String(Date.now() % 1_000_000));
const EACH = 40;

/** A negative zero, which boards do not have; only JavaScript's console shows it. */
const plain = (output: string): string => output.replace(/(^|[ \n])-0(?=[ \n]|$)/g, '$10');

const isDifferent = (one: Comparison): boolean =>
  one.result.diagnostics.length > 0
    ? one.result.diagnostics.every((problem) => !/^(type|syntax)-error$/.test(problem.code))
    : plain(one.v8.output) !== plain(one.micropython.output) ||
      (one.v8.error === '') !== (one.micropython.error === '');

/** `bundle`: joined, as the firmware is: functions inlined, names short. */
const run = async (texts: readonly string[], bundle: boolean): Promise<Comparison[]> =>
  runBoth(
    texts.map((text) => ({ files: { 'main.ts': text }, entry: 'main.ts' })),
    { bundle },
  );

/** Leaves out parts of the text, halves first, then single lines. */
async function shrink(text: string, bundle: boolean): Promise<string> {
  let lines = text.split('\n');
  for (let size = lines.length >> 1; size >= 1; size = size === 1 ? 0 : size >> 1) {
    for (let at = 0; at < lines.length;) {
      const shorter = [...lines.slice(0, at), ...lines.slice(at + size)];
      const [one] = await run([shorter.join('\n')], bundle);
      if (one !== undefined && isDifferent(one)) lines = shorter;
      else at += size;
    }
  }
  return lines.join('\n');
}

const until = Date.now() + minutes * 60_000;
let seed = firstSeed;
let ran = 0;
let differences = 0;
for (; Date.now() < until; seed++) {
  const texts = fc.sample(programs, { numRuns: EACH, seed });
  for (const bundle of [false, true]) {
    const outcomes = await run(texts, bundle);
    const wrong = texts.filter((_, at) => isDifferent(outcomes[at] as Comparison));
    ran += outcomes.filter((one) => one.result.modules.length > 0).length;
    const how = bundle ? 'joined' : 'alone';
    console.log(
      `seed ${String(seed)}, ${how}: ${String(ran)} programs run, ${String(wrong.length)} differ`,
    );
    for (const text of wrong.slice(0, 3)) {
      differences += 1;
      const small = await shrink(text, bundle);
      const [one] = await run([small], bundle);
      console.log(`--- seed ${String(seed)}, ${how}\n${small}`);
      console.log(JSON.stringify(one?.result.diagnostics.map((problem) => problem.message)));
      console.log(
        `V8: ${JSON.stringify(one?.v8)}\nMicroPython: ${JSON.stringify(one?.micropython)}`,
      );
    }
  }
}
console.log(`${String(ran)} programs, ${String(differences)} differences`);
process.exitCode = differences > 0 ? 1 : 0;
