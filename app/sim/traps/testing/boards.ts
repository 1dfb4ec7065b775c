/**
 * For the tests of the platform's traps: every call that firmware in V8 makes of its runtime's modules, in order; boards that run
 * the whole firmware; and boards that run nothing but a driver of firmware-src/board, led by the test.
 */
import { afterEach } from 'vitest';
import { firmwareJob } from '../../../compiler/firmware.ts';
import { transpile } from '../../../compiler/transpile.ts';
import type { VirtualBoard } from '../../board.ts';
import type { ChipName } from '../../chips.ts';
import { FleetFlash, macOf } from '../../fleet.ts';
import type { Member } from '../../fleet.ts';
import { readSources } from '../../testing/firmware.ts';
import { AMBIENT } from '../../v8/ambient.ts';
import { here } from '../../v8/processor.ts';
import { Program } from '../../v8/program.ts';
import { createWorld } from '../../world.ts';
import type { World } from '../../world.ts';

type Method = (this: object, ...values: unknown[]) => unknown;
type Holder = Record<string, unknown>;

export interface Call {
  /** "espnow.ESPNow.send", "machine.WDT" for a constructor. */
  what: string;
  args: readonly unknown[];
  /** What it was called on. */
  self: object;
  /** Stands for the run of the board: made anew at each start. */
  run: object;
  /** The board's clock, before and after. */
  atMs: number;
  endMs: number;
  result: unknown;
}

const undo: (() => void)[] = [];

afterEach(() => {
  while (undo.length > 0) undo.pop()!();
});

/** Until the end of the test `holder[name]` is this. */
export function replace(holder: object, name: string, value: unknown): void {
  const before = Object.getOwnPropertyDescriptor(holder, name);
  Object.defineProperty(holder, name, { value, configurable: true, writable: true });
  undo.push(() => {
    if (before) Object.defineProperty(holder, name, before);
    else Reflect.deleteProperty(holder, name);
  });
}

/** A class or module of the runtime: ambient('espnow', 'ESPNow', 'prototype'). */
export function ambient(...path: string[]): Holder {
  return path.reduce<Holder>((at, name) => at[name] as Holder, AMBIENT as Holder);
}

function wrapMethods(holder: object, prefix: string, only: RegExp, calls: Call[]): void {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(holder))) {
    if (typeof value !== 'function' || name === 'constructor' || name === 'pollState') continue;
    if (/^class\b/.test(String(value)) || !only.test(`${prefix}.${name}`)) continue;
    const method = value as Method;
    replace(holder, name, function (this: object, ...args: unknown[]): unknown {
      const run = here();
      const call: Call = {
        what: `${prefix}.${name}`,
        args: args.map((one) => (one instanceof Uint8Array ? one.slice() : one)),
        self: this,
        run,
        atMs: run.seat.ticksMs(),
        endMs: 0,
        result: undefined,
      };
      calls.push(call);
      try {
        return (call.result = method.apply(this, args));
      } finally {
        // Were the clock read after it, a poll that rests at the end of a turn would be a sleep in its middle.
        call.endMs = name === 'poll' ? call.atMs : run.seat.ticksMs();
      }
    });
  }
}

const CLASSES = [
  'espnow.ESPNow',
  'network.WLAN',
  'esp32.NVS',
  'machine.WDT',
  'select.poll',
  'socket.socket',
];
const HOLDERS = [
  'gc',
  'os',
  'machine',
  'socket',
  'time',
  'micropython',
  'sys.stdin.buffer',
  'sys.stdout.buffer',
];

/** From now to the end of the test: all calls of the runtime that any board makes, or only some, which is much faster. */
export function record(only = /./): Call[] {
  const calls: Call[] = [];
  for (const name of CLASSES)
    wrapMethods(ambient(...name.split('.'), 'prototype'), name, only, calls);
  for (const name of HOLDERS) wrapMethods(ambient(...name.split('.')), name, only, calls);
  for (const name of ['machine.WDT', 'network.WLAN']) {
    const [module, kind] = name.split('.') as [string, string];
    const made = ambient(module)[kind] as new (...args: unknown[]) => object;
    const logged = new Proxy(made, {
      construct(target, args): object {
        const run = here();
        const atMs = run.seat.ticksMs();
        const self = new target(...(args as unknown[]));
        calls.push({
          what: name,
          args: args as unknown[],
          self,
          run,
          atMs,
          endMs: atMs,
          result: self,
        });
        return self;
      },
    });
    replace(ambient(module), kind, logged);
  }
  return calls;
}

/** Interface of the WLAN object that each call of `network.WLAN` was made on: 0 station, 1 access point. */
export function interfaceOf(calls: readonly Call[], { self }: Call): unknown {
  return calls.find((one) => one.what === 'network.WLAN' && one.self === self)?.args[0];
}

export interface Bench {
  world: World;
  boards: VirtualBoard[];
  /** What board i has printed so far. */
  text: (i: number) => string;
  advance: (seconds: number) => Promise<void>;
}

interface Options {
  chip?: ChipName;
  gapM?: number;
  members?: Partial<Member>[];
}

function benchOf(
  count: number,
  program: Program,
  { chip = 'esp32', gapM = 10, members = [] }: Options,
): Bench {
  const world = createWorld({ clock: 'virtual', seed: 1, bootMs: 100 });
  const flash = new FleetFlash({ engine: 'v8', program });
  const printed: string[] = [];
  const boards = Array.from({ length: count }, (_, i) => {
    const board = world.addBoard({ chip, mac: macOf(i), x: gapM * i, y: 0, program });
    flash.load(board.flash, { mac: macOf(i), name: `node ${i}`, zone: 'hall', ...members[i] });
    printed.push('');
    board.onConsole = (bytes) => (printed[i] += new TextDecoder().decode(bytes));
    board.powerOn();
    return board;
  });
  return {
    world,
    boards,
    text: (i) => printed[i]!,
    advance: (seconds) => world.advance(1000 * seconds),
  };
}

const programs = new Map<string, Program>();

/** Boards with the whole firmware; `before` is a module that runs ahead of it. */
export function nodes(
  count: number,
  options: Options & { features?: Record<string, boolean>; before?: string } = {},
): Bench {
  const name = JSON.stringify([options.features, options.before]);
  let program = programs.get(name);
  if (!program) {
    const job = firmwareJob(readSources(), { features: options.features ?? {} });
    const sources = { ...job.sources };
    let entry = job.entries[0]!;
    if (options.before !== undefined) {
      sources['before.ts'] = options.before;
      sources['trap.ts'] = `import './before.ts';\nexport { step } from './${entry}';`;
      entry = 'trap.ts';
    }
    program = new Program({ modules: transpile(sources, entry, job.features), entry });
    programs.set(name, program);
  }
  return benchOf(count, program, options);
}

export interface DriverBench<T> extends Bench {
  /** Runs this on board i, in a turn of its own. @throws what it throws */
  on: <R>(i: number, body: (drivers: T) => R) => Promise<R>;
}

/** Boards that run only what is exported by these files of firmware-src, and only as the test says. T: the exports. */
export function drivers<T>(
  count: number,
  files: readonly string[],
  options: Options & { features?: Record<string, boolean> } = {},
): DriverBench<T> {
  const waiting: (((exports: T) => void) | undefined)[] = [];
  const turn = (mac: Uint8Array, ...parts: object[]): boolean => {
    const i = (mac[5]! - 0x10) / 2;
    const body = waiting[i];
    waiting[i] = undefined;
    body?.(Object.assign({}, ...parts) as T);
    here().rest(10);
    return true;
  };
  replace(AMBIENT, 'trap', { turn });
  const { sources, features } = firmwareJob(readSources(), { features: options.features ?? {} });
  sources['trap.ts'] =
    `import { turn } from 'trap';\nimport { unique_id } from 'machine';\n` +
    files.map((file, i) => `import * as part${i} from './${file}';\n`).join('') +
    `let turns = 0;\nexport function step(): boolean { turns += 1; return turn(unique_id(), ${files.map((_, i) => `part${i}`).join(', ')}); }`;
  const program = new Program({
    modules: transpile(sources, 'trap.ts', features),
    entry: 'trap.ts',
  });
  const made = benchOf(count, program, options);
  return {
    ...made,
    on: async (i, body) => {
      const outcome: { result?: never; error?: unknown } = {};
      let done = false;
      waiting[i] = (exports) => {
        done = true;
        try {
          outcome.result = body(exports) as never;
        } catch (error) {
          outcome.error = error;
        }
      };
      for (let tries = 0; !done && tries < 200; tries++) await made.world.advance(20);
      if (!done) throw new Error(`board ${i} takes no turn`);
      if (outcome.error !== undefined) throw outcome.error as Error;
      return outcome.result as never;
    },
  };
}
