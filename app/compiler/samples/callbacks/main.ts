type Callback<T> = (error: Error | null, value?: T) => void;
class Loop {
  private queue: (() => void)[] = [];
  private readonly trace: string[] = [];
  post(f: () => void): void {
    this.queue.push(f);
  }
  say(t: string): void {
    this.trace.push(t);
  }
  run(): string {
    let turns = 0;
    while (this.queue.length > 0 && turns < 100) {
      const now = this.queue;
      this.queue = [];
      for (const f of now) {
        turns += 1;
        try {
          f();
        } catch (e) {
          this.say(`!${e instanceof Error ? e.message : '?'}`);
        }
      }
    }
    return `${this.trace.join(' ')} (${turns})`;
  }
}
const loop = new Loop();
function fetchLike(path: string, done: Callback<string>): void {
  loop.post(() => (path === '/bad' ? done(new Error('404')) : done(null, `body of ${path}`)));
}
function all<T>(jobs: ((done: Callback<T>) => void)[], done: Callback<T[]>): void {
  const out: T[] = [];
  let left = jobs.length;
  let failed = false;
  if (left === 0) return done(null, []);
  jobs.forEach((job, i) =>
    job((error, value) => {
      if (failed) return;
      if (error !== null) {
        failed = true;
        done(error);
        return;
      }
      if (value !== undefined) out[i] = value;
      if (--left === 0) done(null, out);
    }),
  );
}
fetchLike('/a', (e, v) => loop.say(e !== null ? e.message : (v ?? '')));
all<string>([], (_e, v) => loop.say('none ' + String(v?.length ?? -1)));
all<string>([(d) => fetchLike('/1', d), (d) => fetchLike('/2', d)], (e, v) =>
  loop.say(e === null ? (v ?? []).join('&') : 'no'),
);
all<string>(
  [(d) => fetchLike('/1', d), (d) => fetchLike('/bad', d), (d) => fetchLike('/bad', d)],
  (e) => loop.say(e?.message ?? 'fine'),
);
loop.post(() => {
  throw new TypeError('thrown');
});
class Emitter<E extends string> {
  private readonly handlers = new Map<E, ((...args: string[]) => void)[]>();
  on(e: E, f: (...args: string[]) => void): () => void {
    const list = this.handlers.get(e) ?? [];
    this.handlers.set(e, [...list, f]);
    return () => {
      this.handlers.set(
        e,
        (this.handlers.get(e) ?? []).filter((one) => one !== f),
      );
    };
  }
  emit(e: E, ...args: string[]): number {
    const list = this.handlers.get(e);
    list?.forEach((f) => f(...args));
    return list?.length ?? 0;
  }
}
const em = new Emitter<'up' | 'down'>();
const off = em.on('up', (a = '-', b = '-') => loop.say(`up${a}${b}`));
em.on('up', (...rest) => {
  loop.say(String(rest.length));
  off();
});
console.log(em.emit('up', 'x'), em.emit('up', 'y', 'z', 'w'), em.emit('down'));
const steps: Generator<number, string, number> = (function* () {
  let got = 0;
  for (let i = 0; i < 3; i++) {
    const sent: number = yield i * 10 + got;
    got = sent + 1;
  }
  return 'end' + got;
})();
let r = steps.next(0);
const seen: string[] = [];
while (!r.done) {
  seen.push(String(r.value));
  r = steps.next(Number(r.value) + 1);
}
seen.push(String(r.value));
console.log(seen.join());
const debounced = (f: (t: string) => void) => {
  let pending: string | null = null;
  return (t: string) => {
    if (pending === null)
      loop.post(() => {
        const now = pending;
        pending = null;
        if (now !== null) f(now);
      });
    pending = t;
  };
};
const d = debounced((t) => loop.say('[' + t + ']'));
d('1');
d('2');
loop.post(() => d('3'));
const retry = (times: number, job: (n: number) => boolean): void => {
  loop.post(() => {
    if (!job(times) && times > 0) retry(times - 1, job);
  });
};
retry(3, (n) => {
  loop.say('try' + n);
  return n === 1;
});
console.log(loop.run());
