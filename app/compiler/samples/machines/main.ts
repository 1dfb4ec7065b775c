type State = 'idle' | 'dial' | 'up' | 'lost';
type Event =
  | { type: 'start'; at: number }
  | { type: 'ok'; rssi: number }
  | { type: 'fail'; reason?: string }
  | { type: 'tick' };
type Row = {
  [K in Event['type']]?: (e: Extract<Event, { type: K }>, m: Machine) => State | undefined;
};
type Table = { [S in State]?: Row };
class Machine {
  state: State = 'idle';
  tries = 0;
  log: string[] = [];
  readonly table: Table;
  constructor(table: Table) {
    this.table = table;
  }
  private row(s: State): Row | undefined {
    switch (s) {
      case 'idle':
        return this.table.idle;
      case 'dial':
        return this.table.dial;
      case 'up':
        return this.table.up;
      case 'lost':
        return this.table.lost;
    }
  }
  send(e: Event): void {
    const before = this.state;
    let next: State | undefined;
    switch (e.type) {
      case 'start':
        next = this.row(before)?.start?.(e, this);
        break;
      case 'ok':
        next = this.row(before)?.ok?.(e, this);
        break;
      case 'fail':
        next = this.row(before)?.fail?.(e, this);
        break;
      case 'tick':
        next = this.row(before)?.tick?.(e, this);
        break;
    }
    if (next !== undefined && next !== before) {
      this.state = next;
      this.log.push(`${before}>${next}`);
    }
  }
}
const m = new Machine({
  idle: {
    start: (e, m) => {
      m.tries = e.at;
      return 'dial';
    },
  },
  dial: {
    ok: (e) => (e.rssi > -70 ? 'up' : undefined),
    fail: (e, m) => (++m.tries > 3 ? 'lost' : e.reason === 'x' ? 'idle' : undefined),
  },
  up: {
    tick: (_e, m) => {
      m.tries--;
      return m.tries < 0 ? 'lost' : undefined;
    },
    fail: () => 'dial',
  },
});
const events: Event[] = [
  { type: 'tick' },
  { type: 'start', at: 0 },
  { type: 'ok', rssi: -90 },
  { type: 'fail' },
  { type: 'fail', reason: 'x' },
  { type: 'start', at: 2 },
  { type: 'ok', rssi: -40 },
  { type: 'tick' },
  { type: 'tick' },
  { type: 'tick' },
  { type: 'tick' },
];
for (const e of events) m.send(e);
console.log(m.log.join(' '), m.state, m.tries);
const never = (_x: never): string => {
  throw new Error('never' + 'x');
};
const name = (e: Event): string => {
  switch (e.type) {
    case 'start':
      return 's' + e.at;
    case 'ok':
      return 'o' + e.rssi;
    case 'fail':
      return 'f' + (e.reason ?? '');
    case 'tick':
      return 't';
    default:
      return never(e);
  }
};
console.log(events.map(name).join());
class Morse {
  static readonly #codes: Readonly<Record<string, string>> = { s: '...', o: '---', e: '.' };
  static encode(t: string): string {
    return [...t].map((c) => Morse.#codes[c] ?? '?').join(' ');
  }
  static decode(t: string): string {
    const back = new Map(Object.entries(Morse.#codes).map(([k, v]) => [v, k]));
    return t
      .split(' ')
      .map((c) => back.get(c) ?? '')
      .join('');
  }
}
console.log(Morse.encode('sosex'), Morse.decode('... --- ... .'));
function* lexer(text: string): Generator<[string, number], void, undefined> {
  let at = 0;
  while (at < text.length) {
    const start = at;
    while (at < text.length && text[at] !== ' ') at++;
    if (at > start) yield [text.slice(start, at), start];
    at++;
  }
}
const words = new Map<string, number[]>();
for (const [w, at] of lexer('to be or  not to be'))
  (words.get(w) ?? words.set(w, []).get(w)!).push(at);
console.log([...words].map(([w, l]) => `${w}@${l.join('/')}`).join(' '));
function* take<T>(n: number, from: Iterable<T>): Generator<T> {
  if (n <= 0) return;
  for (const x of from) {
    yield x;
    if (--n <= 0) return;
  }
}
function* naturals(): Generator<number> {
  for (let i = 1; ; i++) yield i;
}
function* mapped<A, B>(from: Iterable<A>, f: (a: A) => B): Generator<B> {
  for (const x of from) yield f(x);
}
console.log(
  [
    ...take(
      5,
      mapped(naturals(), (x) => x * x),
    ),
  ].join(),
  [...take(0, naturals())].length,
  Math.max(...take(3, naturals())),
);
const life = (cells: readonly string[]): string[] =>
  cells.map((row, y) =>
    [...row]
      .map((cell, x) => {
        let n = 0;
        for (let dy = -1; dy <= 1; dy++)
          for (let dx = -1; dx <= 1; dx++)
            if ((dx !== 0 || dy !== 0) && cells[y + dy]?.[x + dx] === '#') n++;
        return n === 3 || (n === 2 && cell === '#') ? '#' : '.';
      })
      .join(''),
  );
let board = ['.....', '..#..', '..#..', '..#..', '.....'];
board = life(board);
console.log(board.join('/'));
console.log(life(board).join('/'));
let line = '';
const feed = (chunk: string): string[] => {
  const done: string[] = [];
  for (const c of chunk) {
    if (c === '\n') {
      done.push(line);
      line = '';
    } else if (c !== '\r') line += c;
  }
  return done;
};
console.log(feed('ab').length, feed('c\r\nd\n\ne').join('|'), line);
const limit = (perMs: number) => {
  let last = -Infinity;
  return (now: number) => {
    if (now - last < perMs) return false;
    last = now;
    return true;
  };
};
const ok = limit(10);
console.log([0, 5, 10, 19, 20].map((t) => (ok(t) ? 'y' : 'n')).join(''));
