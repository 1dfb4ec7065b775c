type State = 'idle' | 'running' | 'done';
type Event = { type: 'start'; at: number } | { type: 'stop' } | { type: 'tick'; by: number };
interface Machine {
  state: State;
  ticks: number;
  startedAt: number | null;
}
function assertNever(value: never): never {
  throw new Error(`unexpected ${JSON.stringify(value)}`);
}
function next(m: Machine, e: Event): Machine {
  switch (e.type) {
    case 'start':
      return { ...m, state: 'running', startedAt: e.at };
    case 'stop':
      return { ...m, state: 'done' };
    case 'tick':
      return m.state === 'running' ? { ...m, ticks: m.ticks + e.by } : m;
    default:
      return assertNever(e);
  }
}
let machine: Machine = { state: 'idle', ticks: 0, startedAt: null };
const events: Event[] = [
  { type: 'tick', by: 1 },
  { type: 'start', at: 7 },
  { type: 'tick', by: 2 },
  { type: 'tick', by: 3 },
  { type: 'stop' },
  { type: 'tick', by: 9 },
];
for (const e of events) {
  machine = next(machine, e);
  console.log(JSON.stringify(machine));
}
