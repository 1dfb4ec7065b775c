function rethrow(): void {
  try {
    throw new Error('x');
  } catch (e) {
    throw new Error('wrapped: ' + (e as Error).message, { cause: e });
  }
}
try {
  rethrow();
} catch (e) {
  if (e instanceof Error) console.log(e.message, e.cause instanceof Error);
}
for (const x of [1, 2, 3]) {
  try {
    if (x === 2) continue;
    if (x === 3) break;
    console.log(x);
  } finally {
    console.log('finally', x);
  }
}
const e = new Error('plain');
console.log(e.message, e.name, e instanceof Error, `${e.name}: ${e.message}`, e.toString());
try {
  null_(null);
} catch (err) {
  console.log(err instanceof Error);
}
function null_(x: { a: number } | null): number {
  return x!.a;
}
let called = 0;
try {
  try {
    throw new RangeError('r');
  } catch (err) {
    called++;
    if (err instanceof TypeError) console.log('t');
    else throw err;
  }
} catch (err) {
  called++;
  console.log(err instanceof RangeError, called);
}
