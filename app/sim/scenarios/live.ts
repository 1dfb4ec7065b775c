/** A rehearsal as somebody watches it: how each node stands, what has happened since they last looked, and the figures. */
import type { FleetFirmware } from '../fleet.ts';
import type {
  LiveEntry,
  LiveEvent,
  LiveNews,
  RecordedTrace,
  SentFirmware,
} from '../rehearsal-messages.ts';
import { Program } from '../v8/program.ts';
import { eventWords } from './event-words.ts';
import { liveNodes } from './live-nodes.ts';
import { Rehearsal } from './rehearsal.ts';
import type { Scenario, ScenarioEvent } from './scenario.ts';

/** Between two looks; more than anybody reads, but a worker's memory must not grow with them. */
const MOST_ENTRIES = 300;
const MOST_HEALS = 12;
/** A minute of 100 nodes that form is about 60 MB. */
const MOST_TRACE_CHARACTERS = 128 << 20;

export interface LiveOptions {
  scenario: Scenario;
  seed: number;
  firmware: SentFirmware;
  /** Told before every turn of a node that runs bytecode. */
  onTurn?: (name: string) => void;
  isTraced?: boolean | undefined;
}

export class LiveRehearsal {
  readonly #scenario: Scenario;
  readonly #rehearsal: Rehearsal;
  readonly #numbers: ReadonlyMap<string, number>;
  readonly #everOn = new Set<number>();
  #entries: LiveEntry[] = [];
  #performed: ScenarioEvent[] = [];
  #nextId = 1;
  #isOneTree = false;
  #endTaken = false;
  readonly #lines: string[] = [];
  #traceCharacters = 0;
  #traceFullAtMs: number | null = null;

  constructor(
    { scenario, seed, firmware, isTraced, onTurn }: LiveOptions,
    wasmUrl: string | undefined,
  ) {
    this.#scenario = scenario;
    this.#rehearsal = new Rehearsal(scenario, {
      firmware: loaded(firmware),
      seed,
      wasmUrl,
      measureHeap: firmware.engine === 'micropython',
      ...(isTraced ? { trace: (line: string) => this.#keep(line) } : {}),
      news: {
        event: (atMs, event) => this.#event(atMs, event),
        place: (atMs, { mac, name }, place, was) => {
          const node = this.#numbers.get(mac) ?? null;
          if (place.role === 'root' && was?.role !== 'root') {
            this.#say(atMs, 'root', node, `${name} is root`);
          } else if (place.parent !== null && place.parent !== was?.parent) {
            const parent = this.#nameOfMac(place.parent);
            this.#say(atMs, 'parent', node, `${name} is now below ${parent}`);
          }
        },
        settled: (atMs, isSettled) => {
          this.#isOneTree = isSettled;
          const text = isSettled ? 'One tree' : 'Not one tree any more';
          this.#say(atMs, isSettled ? 'formed' : 'apart', null, text);
        },
        found: ({ atMs, text }) => this.#say(atMs, 'break', null, `Must never be: ${text}`),
      },
    });
    if (onTurn) {
      const { world } = this.#rehearsal;
      world.onTurn = (mac) => onTurn(world.board(mac)?.name ?? mac);
    }
    this.#numbers = new Map(this.#rehearsal.observers.map(({ board }, i) => [board.mac, i]));
  }

  get nowMs(): number {
    return this.#rehearsal.nowMs;
  }

  /** @param ms whole milliseconds, so that a saved script meets the same moments */
  advance(ms: number): Promise<void> {
    return this.#rehearsal.advance(this.nowMs + ms);
  }

  perform(event: LiveEvent): void {
    const timed = { ...event, atMs: this.nowMs } as ScenarioEvent;
    this.#rehearsal.perform(timed);
    this.#performed.push(timed);
  }

  /** Empty unless it was asked for at the start. */
  trace(): RecordedTrace {
    const text = this.#lines.length === 0 ? '' : `${this.#lines.join('\n')}\n`;
    return { text, fullAtMs: this.#traceFullAtMs };
  }

  #keep(line: string): void {
    if (this.#traceFullAtMs !== null) return;
    this.#lines.push(line);
    this.#traceCharacters += line.length + 1;
    if (this.#traceCharacters > MOST_TRACE_CHARACTERS) this.#traceFullAtMs = this.nowMs;
  }

  /** True once: when the scenario has come to its end. */
  takeEnd(): boolean {
    if (this.#endTaken || !this.#isOver) return false;
    this.#endTaken = true;
    return true;
  }

  get #isOver(): boolean {
    return this.nowMs >= this.#scenario.seconds * 1000;
  }

  tell(): Omit<LiveNews, 'ratio' | 'running'> {
    const { formedMs, heals, traffic, air, dropped, heapBytes, breaks } =
      this.#rehearsal.figures(1);
    const entries = this.#entries;
    const performed = this.#performed;
    this.#entries = [];
    this.#performed = [];
    return {
      atMs: this.nowMs,
      isOver: this.#isOver,
      nodes: liveNodes(this.#rehearsal, this.#everOn, this.#numbers),
      figures: {
        formedMs,
        heals: heals.slice(-MOST_HEALS),
        isOneTree: this.#isOneTree,
        traffic,
        air,
        dropped,
        heapBytes,
        breaks,
      },
      entries,
      performed,
    };
  }

  #event(atMs: number, event: ScenarioEvent): void {
    const node = 'node' in event ? event.node : null;
    const text = eventWords(event, (number) => this.#nameOf(number));
    const isPower = event.do === 'start' || event.do === 'kill' || event.do === 'reset';
    if (node !== null) this.#everOn.add(node);
    this.#say(atMs, isPower ? 'power' : 'done', node, text);
  }

  #nameOf(node: number): string {
    return this.#rehearsal.observers[node]?.board.name ?? `node ${node}`;
  }

  #nameOfMac(mac: string): string {
    const node = this.#numbers.get(mac);
    return node === undefined ? mac : this.#nameOf(node);
  }

  #say(atMs: number, kind: LiveEntry['kind'], node: number | null, text: string): void {
    this.#entries.push({ id: this.#nextId++, atMs, kind, node, text });
    if (this.#entries.length > MOST_ENTRIES) this.#entries.shift();
  }
}

function loaded(firmware: SentFirmware): FleetFirmware {
  if (firmware.engine === 'micropython') return firmware;
  const { engine, modules, entry } = firmware;
  return { engine, program: new Program({ modules, entry }) };
}
