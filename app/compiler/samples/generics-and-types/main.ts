interface Codec<T> {
  encode(value: T): string;
  decode(text: string): T;
}
class NumberCodec implements Codec<number> {
  encode(value: number): string {
    return 'n' + value.toString();
  }
  decode(text: string): number {
    return Number.parseInt(text.slice(1), 10);
  }
}
const list: Codec<boolean> = {
  encode: (value) => (value ? 'T' : 'F'),
  decode: (text) => text === 'T',
};
function trip<T>(codec: Codec<T>, value: T): T {
  return codec.decode(codec.encode(value));
}
console.log(trip(new NumberCodec(), 5), trip(list, true));
class Ring<T> {
  private readonly items: T[] = [];
  private readonly limit: number;
  constructor(limit: number) {
    this.limit = limit;
  }
  push(item: T): T | undefined {
    this.items.push(item);
    return this.items.length > this.limit ? this.items.shift() : undefined;
  }
  get first(): T | undefined {
    return this.items[0];
  }
}
const ring = new Ring<string>(2);
for (const text of ['a', 'b', 'c']) console.log(ring.push(text) ?? '-', ring.first ?? '-');
const MODES = ['fast', 'slow'] as const;
type Mode = (typeof MODES)[number];
const speed = (mode: Mode): number => (mode === 'fast' ? 2 : 1);
console.log(MODES.map(speed).join());
type Event_ = { kind: 'up'; by: number } | { kind: 'down' } | { kind: 'set'; to: number };
function reduce(state: number, event: Event_): number {
  if (event.kind === 'up') return state + event.by;
  if (event.kind === 'set') return event.to;
  return state - 1;
}
const events: Event_[] = [
  { kind: 'up', by: 5 },
  { kind: 'down' },
  { kind: 'set', to: 9 },
  { kind: 'down' },
];
console.log(events.reduce(reduce, 0));
const options: Partial<{ a: number; b: number }> = { a: 1 };
console.log(options.a ?? 0, options.b ?? 7);
function pick<T extends { id: number }>(items: readonly T[], id: number): T | undefined {
  return items.find((item) => item.id === id);
}
console.log(pick([{ id: 1, text: 'x' }], 1)?.text ?? 'none', pick([{ id: 1 }], 2)?.id ?? 0);
const handlers: Record<string, (n: number) => string> = {
  double: (n) => String(n * 2),
  half: (n) => String(Math.trunc(n / 2)),
};
for (const name of Object.keys(handlers)) console.log(name, handlers[name](9));
const holder = { run: (n: number): number => n + 1, inner: { deep: [1, 2, 3] } };
holder.inner.deep[1] += 40;
console.log(holder.run(1), holder.inner.deep.join(), holder.inner['deep'].length);
