import { moved } from '../1-read/moved.ts';

/**
 * What the lowering of a file asked about the whole program, and the answers it got: while asking again gives the same, the
 * file's Python is the same, too.
 */
interface Question {
  /** Which of the objects that answer, and what of it: a method, a property, or a map to look into. */
  of: string;
  name: string;
  args: unknown[] | undefined;
  answer: unknown;
}

type Answering = Readonly<Record<string, object>>;

/** Whether the answer to a question cannot change while the file itself stays as it is: it need not be asked again. */
export type IsOwn = (name: string, args: readonly unknown[], answer: unknown) => boolean;

export class Recorder {
  private readonly questions: Question[] = [];
  private readonly asked = new Map<string, Set<unknown>>();

  /** The same object, but what is asked of it is written down. */
  watch<T extends object>(of: string, target: T, isOwn?: IsOwn): T {
    const watched: Record<string, unknown> = {};
    for (const name of namesOf(target)) {
      const value = (target as Record<string, unknown>)[name];
      if (typeof value === 'function') {
        watched[name] = (...args: unknown[]): unknown => {
          const answer = (value as (...all: unknown[]) => unknown).apply(target, args);
          if (isOwn?.(name, args, answer) !== true) this.note(of, name, args, answer);
          return answer;
        };
      } else if (value instanceof Map) {
        watched[name] = this.watch(
          `${of}.${name}`,
          { get: (at: unknown) => (value as Map<unknown, unknown>).get(at) },
          isOwn === undefined ? undefined : (_get, args, answer) => isOwn(name, args, answer),
        );
      } else if (typeof value === 'object') watched[name] = value;
      else {
        const get = (): unknown => {
          const now = (target as Record<string, unknown>)[name];
          this.note(of, name, undefined, now);
          return now;
        };
        Object.defineProperty(watched, name, { get });
      }
    }
    return watched as T;
  }

  private note(of: string, name: string, args: unknown[] | undefined, answer: unknown): void {
    const what = `${of}.${name}`;
    let known = this.asked.get(what);
    if (known === undefined) {
      known = new Set();
      this.asked.set(what, known);
    }
    // Asked of the same thing before: between the phases the answers do not change.
    if (args === undefined || args.length < 2) {
      const key = args?.[0];
      if (known.has(key)) return;
      known.add(key);
    }
    this.questions.push({ of, name, args, answer });
  }

  /** Asks all again; what stands in the place of something else is remembered instead of it. */
  isSame(answering: Answering): boolean {
    for (const question of this.questions) {
      const { of, name } = question;
      const args = question.args?.map((one) => present(one));
      let target = answering[of] as Record<string, unknown> | undefined;
      if (target === undefined) {
        const [outer, inner] = of.split('.') as [string, string];
        target = (answering[outer] as Record<string, Record<string, unknown>>)[inner];
      }
      const value = target?.[name];
      const answer =
        args === undefined ? value : (value as (...all: unknown[]) => unknown).apply(target, args);
      if (!isEqual(question.answer, answer, 0)) return false;
      question.args = args;
      question.answer = answer;
    }
    return true;
  }
}

/** Fields and methods, those of its class included. */
function namesOf(target: object): string[] {
  const names = new Set<string>(Object.keys(target));
  for (let at: unknown = Object.getPrototypeOf(target); at !== Object.prototype;) {
    for (const name of Object.getOwnPropertyNames(at)) if (name !== 'constructor') names.add(name);
    at = Object.getPrototypeOf(at);
  }
  return [...names];
}

const present = (one: unknown): unknown =>
  typeof one === 'object' && one !== null ? moved(one) : one;

const isPlain = (one: object): boolean => Object.getPrototypeOf(one) === Object.prototype;

function isEqual(before: unknown, now: unknown, depth: number): boolean {
  if (Object.is(before, now)) return true;
  if (typeof before !== 'object' || typeof now !== 'object') return false;
  if (before === null || now === null || depth > 4) return false;
  if (moved(before) === now) return true;
  if (before instanceof Set && now instanceof Set) {
    return isEqual([...(before as Set<unknown>)], [...(now as Set<unknown>)], depth);
  }
  if (Array.isArray(before) && Array.isArray(now)) {
    return (
      before.length === now.length && before.every((one, at) => isEqual(one, now[at], depth + 1))
    );
  }
  if (!isPlain(before) || !isPlain(now)) return false;
  const names = Object.keys(before);
  return (
    names.length === Object.keys(now).length &&
    names.every((name) =>
      isEqual(
        (before as Record<string, unknown>)[name],
        (now as Record<string, unknown>)[name],
        depth + 1,
      ),
    )
  );
}
