class CodeError extends Error {
  readonly code: number;
  constructor(code: number, message: string) {
    super(message);
    this.name = 'CodeError';
    this.code = code;
  }
}
class Special extends CodeError {}
function risky(n: number): string {
  try {
    if (n === 1) throw new CodeError(7, 'seven');
    if (n === 2) throw new Error('plain');
    if (n === 3) throw new RangeError('far');
    if (n === 4) throw new Special(9, 'special');
    return 'fine';
  } catch (error) {
    if (error instanceof CodeError) return `${error.name} ${error.code} ${error.message}`;
    if (error instanceof RangeError) return 'range ' + error.message;
    if (error instanceof Error) return error.name + ': ' + error.message;
    return 'unknown';
  } finally {
    console.log('finally', n);
  }
}
for (let i = 0; i < 5; i++) console.log(risky(i));
function rethrow(): void {
  try {
    throw new Error('inner');
  } catch (error) {
    if (error instanceof Error && error.message === 'inner') throw error;
  }
}
try {
  rethrow();
} catch (error) {
  console.log(error instanceof Error ? error.message : '?');
}
try {
  console.log('body');
} catch {
  console.log('never');
} finally {
  console.log('done');
}
const handlers: (() => string)[] = [];
for (const text of ['a', 'b']) {
  try {
    throw new Error(text);
  } catch (error) {
    if (error instanceof Error) handlers.push(() => text);
  }
}
console.log(handlers.map((handler) => handler()).join());
