class AppError extends Error {
  readonly code: number;
  constructor(message: string, code: number, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'AppError';
    this.code = code;
  }
}
class NotFound extends AppError {
  constructor(what: string) {
    super(`${what} not found`, 404);
    this.name = 'NotFound';
  }
}
function risky(n: number): number {
  if (n === 1) throw new NotFound('page');
  if (n === 2) throw new TypeError('bad');
  if (n === 3) throw new AppError('outer', 1, { cause: new Error('inner') });
  return n;
}
for (let i = 0; i < 4; i++) {
  try {
    console.log('ok', risky(i));
  } catch (e) {
    if (e instanceof NotFound) console.log('nf', e.message, e.code, e.name, e instanceof AppError);
    else if (e instanceof AppError)
      console.log('app', e.message, e.cause instanceof Error ? e.cause.message : 'none');
    else if (e instanceof Error) console.log(e.name, e.message, String(e), `${e}`);
  } finally {
    console.log('fin', i);
  }
}
function order(): string {
  const out: string[] = [];
  const f = (): number => {
    try {
      out.push('t');
      return 1;
    } finally {
      out.push('f');
    }
  };
  out.push(String(f()));
  return out.join();
}
console.log(order());
function nested(): string {
  try {
    try {
      throw new Error('one');
    } finally {
      console.log('inner finally');
    }
  } catch (e) {
    return e instanceof Error ? e.message : '?';
  }
}
console.log(nested());
function rethrow(): void {
  try {
    throw new Error('x');
  } catch (e) {
    throw new Error('wrapped: ' + (e as Error).message);
  }
}
try {
  rethrow();
} catch {
  console.log('no binding');
}
