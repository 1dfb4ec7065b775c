/**
 * A trace as `simulate --trace` and the Rehearse screen write it: one event a line, UTF-8, line feed at the end of each.
 *
 *   <microseconds> <address> <kind> <rest>      something on one board; address: a MAC, lower case with colons
 *   <microseconds> world <rest>                 something that was done to the world
 *   0 world node <number> <address> <name>      who is who; without it, boards are called by their addresses
 *
 * Kinds and their rest: see app/sim/trace.ts. Times of one board rise; those of different boards may overlap by a turn, so lines
 * are nearly, not exactly, in order. Kinds that this version does not know are kept and shown as they are.
 * A trace of an hour has millions of lines: lines stay in the text, and only their places are held (15 bytes an event).
 */

export const TRACE_KINDS = [
  'world',
  'board',
  'tree',
  'sent',
  'received',
  'wifi',
  'nvs',
  'line',
  'pin',
] as const;
export type TraceKind = (typeof TRACE_KINDS)[number] | 'other';

/** Beyond this a browser's text and its places would take more memory than a page should. */
export const TRACE_MOST_BYTES = 256 << 20;
const LINE = /^(\d{1,15}) (world|[0-9a-f]{2}(?::[0-9a-f]{2}){5}) (\S+)(?: .*)?$/;
const WHO = /^node \d+ ([0-9a-f]{2}(?::[0-9a-f]{2}){5}) (.+)$/;
const OTHER = TRACE_KINDS.length;
const WORLD = 0xffff;

/** What a board had said of its own place at one moment. */
export interface TracedPlace {
  readonly mac: string;
  /** No power, or not started yet. */
  readonly off: boolean;
  readonly parent: string | null;
  readonly root: string | null;
  /** As the node says it; '' before its first word. */
  readonly role: string;
  /** 255: no path to a root. */
  readonly hops: number;
}

export interface TracedEvent {
  readonly atUs: number;
  /** Null: the world. */
  readonly mac: string | null;
  readonly kind: TraceKind;
  /** Behind the kind. */
  readonly rest: string;
}

export type TraceRead =
  { readonly ok: true; readonly trace: TraceFile } | { readonly ok: false; readonly why: string };

interface Change {
  readonly atUs: number;
  readonly off: boolean | null;
  readonly place: Pick<TracedPlace, 'parent' | 'root' | 'role' | 'hops'> | null;
}

const NOWHERE = { parent: null, root: null, role: '', hops: 255 } as const;

export class TraceFile {
  /** Addresses in the order of their first line. */
  readonly boards: readonly string[];
  /** Address -> name. */
  readonly names: ReadonlyMap<string, string>;
  readonly #text: string;
  readonly #starts: Uint32Array;
  readonly #times: Float64Array;
  readonly #owners: Uint16Array;
  readonly #kinds: Uint8Array;
  /** By board: its own words and its power, in order of time. */
  readonly #changes: readonly (readonly Change[])[];

  constructor(
    text: string,
    boards: readonly string[],
    places: { starts: Uint32Array; times: Float64Array; owners: Uint16Array; kinds: Uint8Array },
  ) {
    this.boards = boards;
    this.#text = text;
    this.#starts = places.starts;
    this.#times = places.times;
    this.#owners = places.owners;
    this.#kinds = places.kinds;
    this.#changes = this.#findChanges();
    this.names = this.#findNames();
  }

  get length(): number {
    return this.#times.length;
  }
  get startUs(): number {
    return this.#times[0] ?? 0;
  }
  get endUs(): number {
    return this.#times.at(-1) ?? 0;
  }

  timeUs(index: number): number {
    return this.#times[index]!;
  }
  /** Index of the board; -1 the world. */
  owner(index: number): number {
    const owner = this.#owners[index]!;
    return owner === WORLD ? -1 : owner;
  }
  kind(index: number): TraceKind {
    return TRACE_KINDS[this.#kinds[index]!] ?? 'other';
  }

  event(index: number): TracedEvent {
    const start = this.#starts[index]!;
    const end = this.#text.indexOf('\n', start);
    const line = this.#text.slice(start, end < 0 ? undefined : end);
    const kind = this.kind(index);
    const owner = this.owner(index);
    const fields = kind === 'world' || kind === 'other' ? 2 : 3;
    return {
      atUs: this.timeUs(index),
      mac: owner < 0 ? null : this.boards[owner]!,
      kind,
      rest: line.split(' ').slice(fields).join(' '),
    };
  }

  /** How many events there are of each kind. */
  counts(): Record<TraceKind, number> {
    const counts = Object.fromEntries([...TRACE_KINDS, 'other'].map((kind) => [kind, 0]));
    for (let i = 0; i < this.length; i++) counts[this.kind(i)]!++;
    return counts as Record<TraceKind, number>;
  }

  /** Indexes of the events of these kinds and, unless null, of this board and the world's. */
  select(kinds: ReadonlySet<TraceKind>, mac: string | null): Uint32Array {
    const board = mac === null ? -1 : this.boards.indexOf(mac);
    const found: number[] = [];
    for (let i = 0; i < this.length; i++) {
      if (!kinds.has(this.kind(i))) continue;
      const owner = this.owner(i);
      if (mac === null || owner === board || owner < 0) found.push(i);
    }
    return Uint32Array.from(found);
  }

  /** First place in a selection whose event is not before that time; its length when there is none. */
  placeOf(selection: Uint32Array, atUs: number): number {
    let [low, high] = [0, selection.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.timeUs(selection[middle]!) < atUs) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** What each board had said last at that time, in the order of `boards`. */
  placesAt(atUs: number): TracedPlace[] {
    return this.boards.map((mac, board) => {
      let place: Change['place'] = null;
      let off = true;
      for (const change of this.#changes[board]!) {
        if (change.atUs > atUs) break;
        if (change.off !== null) {
          off = change.off;
          place = null; // its next start knows nothing of the place before
        } else {
          off = false;
          place = change.place;
        }
      }
      return { mac, off, ...(place ?? NOWHERE) };
    });
  }

  /** What a board was from each of these times on; for a lane of a chart. */
  lane(board: number): readonly { atUs: number; was: 'off' | 'seeking' | 'node' | 'root' }[] {
    return this.#changes[board]!.map(({ atUs, off, place }) => {
      if (off) return { atUs, was: 'off' };
      if (!place || place.hops === 255) return { atUs, was: 'seeking' };
      return { atUs, was: place.role === 'root' ? 'root' : 'node' };
    });
  }

  nameOf(mac: string): string {
    return this.names.get(mac) ?? mac;
  }

  #findNames(): Map<string, string> {
    const names = new Map<string, string>();
    for (let i = 0; i < this.length; i++) {
      if (this.owner(i) >= 0) continue;
      const match = WHO.exec(this.event(i).rest);
      if (match) names.set(match[1]!, match[2]!);
    }
    return names;
  }

  #findChanges(): Change[][] {
    const changes: Change[][] = this.boards.map(() => []);
    for (let i = 0; i < this.length; i++) {
      const owner = this.owner(i);
      const kind = this.kind(i);
      if (owner < 0 || (kind !== 'tree' && kind !== 'board')) continue;
      const { atUs, rest } = this.event(i);
      if (kind === 'board') {
        changes[owner]!.push({ atUs, off: rest === 'off', place: null });
        continue;
      }
      const [parent = '-', root = '-', role = '', hops = '255'] = rest.split(' ');
      changes[owner]!.push({
        atUs,
        off: null,
        place: {
          parent: parent === '-' ? null : parent,
          root: root === '-' ? null : root,
          role,
          hops: Number(hops),
        },
      });
    }
    for (const list of changes) list.sort((a, b) => a.atUs - b.atUs);
    return changes;
  }
}

/** Never throws. A last line without its line feed is left out: the writer was cut there. */
export function readTrace(text: string): TraceRead {
  const boards: string[] = [];
  const numbers = new Map<string, number>();
  const starts: number[] = [];
  const times: number[] = [];
  const owners: number[] = [];
  const kinds: number[] = [];
  let line = 0;
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start);
    if (end < 0) break;
    line++;
    const stop = text.charCodeAt(end - 1) === 13 ? end - 1 : end;
    const match = LINE.exec(text.slice(start, stop));
    if (!match) {
      const seen = text.slice(start, Math.min(stop, start + 60));
      return {
        ok: false,
        why: `line ${line} is no event of a trace: expected "<microseconds> <address> <what>", got "${seen}"`,
      };
    }
    const [, time, who, word] = match as unknown as [string, string, string, string];
    let owner = WORLD;
    if (who !== 'world') {
      owner = numbers.get(who) ?? boards.length;
      if (owner === boards.length) {
        if (owner === WORLD) return { ok: false, why: 'it names more than 65,534 boards' };
        boards.push(who);
        numbers.set(who, owner);
      }
    }
    const kind = who === 'world' ? 0 : TRACE_KINDS.indexOf(word as (typeof TRACE_KINDS)[number]);
    starts.push(start);
    times.push(Number(time));
    owners.push(owner);
    kinds.push(kind < 0 || (kind === 0 && who !== 'world') ? OTHER : kind);
    start = end + 1;
  }
  if (times.length === 0) return { ok: false, why: 'it has no complete line' };
  const order = sortedOrder(times);
  const pick = <T extends Uint32Array | Float64Array | Uint16Array | Uint8Array>(
    into: T,
    from: readonly number[],
  ): T => {
    order.forEach((source, at) => (into[at] = from[source]!));
    return into;
  };
  const trace = new TraceFile(text, boards, {
    starts: pick(new Uint32Array(order.length), starts),
    times: pick(new Float64Array(order.length), times),
    owners: pick(new Uint16Array(order.length), owners),
    kinds: pick(new Uint8Array(order.length), kinds),
  });
  return { ok: true, trace };
}

/** Lines are nearly in order: each goes back past the few later ones before it; equal times keep their order. */
function sortedOrder(times: readonly number[]): Uint32Array {
  const order = Uint32Array.from(times, (_, i) => i);
  for (let i = 1; i < order.length; i++) {
    if (times[order[i - 1]!]! <= times[i]!) continue;
    if (i > 4096 && times[order[i - 4096]!]! > times[i]!) {
      // Not a trace of one run: sort it properly.
      return order.map((_, n) => n).sort((a, b) => times[a]! - times[b]! || a - b);
    }
    let at = i;
    while (at > 0 && times[order[at - 1]!]! > times[i]!) {
      order[at] = order[at - 1]!;
      at--;
    }
    order[at] = i;
  }
  return order;
}
