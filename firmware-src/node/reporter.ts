import { ROUTER, WIFI_TREE } from '../features.ts';
import { utf8Decode } from '../std/utf8.ts';
import { keyToMac } from '../wire/cells.ts';
import { encodeBoardLine, jsonText } from '../wire/console-line.ts';
import { otherLine, ownLine, routerLine } from './lines.ts';
import { SHOWN } from '../mesh/node-rows.ts';
import type { Network } from './network.ts';

/** Unchanged nodes are repeated on the console in turn, one in this time. */
const REFRESH_MS = 4000;
const REJECT_REPORT_MS = 5000;
/** Answers and events waiting for the console; beyond this the oldest event-like line goes. */
const MOST_LINES = 24;

/** Code of an answer, and the event, when a part of the firmware finds no room in the board's memory. */
export const NO_MEMORY = 'no-memory';

const ID_FIELD = '"id":';

export const LEVELS: readonly string[] = ['error', 'warn', 'info', 'debug'];

/** What a node says on its console by itself: waiting lines, and changes of the mesh once there is room for them. */
export class Reporter {
  /** The least urgent level that is said: 0 error, 1 warn, 2 info, 3 debug. */
  level = 2;
  private readonly key: string;
  private readonly lines: Uint8Array[] = [];
  private refreshAtMs = 0;
  private refreshAt = 0;
  private rejectAtMs = 0;
  private readonly rejectShown: Map<string, number> = new Map();
  private flagsShown = -1;
  private parentShown = '';
  private rootShown = '';
  private routerShown = '';
  private channelShown = 0;

  constructor(key: string) {
    this.key = key;
  }

  /** Queues a line for the console; one that is too long for a line is left out. */
  line(json: string): void {
    const line = encodeBoardLine(json);
    if (line !== null) this.queue(line);
  }

  queue(line: Uint8Array): void {
    if (this.lines.length >= MOST_LINES) this.lines.shift();
    this.lines.push(line);
  }

  event(name: string, key: string): void {
    this.line(`{"t":"event","event":"${name}","mac":"${keyToMac(key)}"}`);
  }

  /** Code that is loaded when it is needed was not: there is no room for it. The node goes on without. */
  notLoaded(part: string, error: unknown): void {
    this.line(`{"t":"event","event":"${NO_MEMORY}","part":"${part}"}`);
    if (error instanceof Error) this.log(0, `${part}: ${error.message}`);
  }

  /** Answers a request whose reader found no room: its id is all that is looked for. */
  refuse(frame: Uint8Array): void {
    const text = utf8Decode(frame) ?? '';
    const from = text.indexOf(ID_FIELD) + ID_FIELD.length;
    let to = from;
    while (to < text.length && text.charCodeAt(to) >= 48 && text.charCodeAt(to) < 58) to += 1;
    if (from < ID_FIELD.length || to === from) return;
    this.line(`{"t":"answer","id":${text.slice(from, to)},"ok":false,"error":"${NO_MEMORY}"}`);
  }

  log(level: number, text: string): void {
    if (level > this.level) return;
    this.line(`{"t":"log","level":"${LEVELS[level] ?? ''}","text":${jsonText(text)}}`);
  }

  /** Refused frames, by cause, when there are more than at the last report. */
  showRejected(network: Network, atMs: number): void {
    if (atMs < this.rejectAtMs) return;
    this.rejectAtMs = atMs + REJECT_REPORT_MS;
    const rejected = network.gate.rejected;
    for (const cause of Array.from(rejected.keys())) {
      const count = rejected.get(cause) ?? 0;
      if ((this.rejectShown.get(cause) ?? 0) === count) continue;
      this.rejectShown.set(cause, count);
      this.line(`{"t":"event","event":"frame-rejected","cause":"${cause}","count":${count}}`);
    }
  }

  /** Waiting lines first, then one report of what changed, made only now so that it is true. */
  takeLine(network: Network | null, atMs: number): Uint8Array | null {
    const line = this.lines.shift() ?? null;
    if (line !== null) return line;
    if (network === null) return null;
    const tree = network.mesh.tree;
    // Looked at in every turn of the loop: nothing may be made for it.
    let flags = tree.hops;
    if (WIFI_TREE && tree.isLinked()) flags |= 256;
    if (ROUTER && network.mesh.holdsRouter) flags |= 512;
    if (
      flags !== this.flagsShown ||
      tree.parent !== this.parentShown ||
      tree.root !== this.rootShown
    ) {
      this.flagsShown = flags;
      this.parentShown = tree.parent;
      this.rootShown = tree.root;
      return encodeBoardLine(ownLine(network, this.key));
    }
    if (ROUTER && network.router !== null && network.channel !== null) {
      const state = network.router.state();
      if (state !== this.routerShown || network.channel.current !== this.channelShown) {
        this.routerShown = state;
        this.channelShown = network.channel.current;
        return encodeBoardLine(routerLine(network));
      }
    }
    const table = network.mesh.table;
    for (;;) {
      const row = table.takeChanged();
      if (row < 0) break;
      if (table.rows.is(row, SHOWN)) return encodeBoardLine(otherLine(network, row, atMs));
      const key = table.rows.key(row);
      network.names.forget(key);
      return encodeBoardLine(`{"t":"gone","mac":"${keyToMac(key)}"}`);
    }
    if (atMs < this.refreshAtMs) return null;
    const first = this.refreshAtMs === 0;
    this.refreshAtMs = atMs + REFRESH_MS;
    return first ? null : this.refresh(network, atMs);
  }

  /** The next node in turn. */
  private refresh(network: Network, atMs: number): Uint8Array | null {
    const rows = network.mesh.table.rows;
    for (;;) {
      this.refreshAt = this.refreshAt + 1 < rows.size ? this.refreshAt + 1 : 0;
      if (this.refreshAt === 0) return encodeBoardLine(ownLine(network, this.key));
      if (rows.is(this.refreshAt, SHOWN))
        return encodeBoardLine(otherLine(network, this.refreshAt, atMs));
    }
  }
}
