import { fromBase64Url, toBase64Url } from '../std/base64url.ts';
import { toHex } from '../std/hex.ts';
import { keyToMac } from '../wire/cells.ts';
import {
  ConsoleSigner,
  encodeBoardLine,
  integerField,
  jsonText,
  needsTag,
  parseRequestLine,
  type RequestLine,
  textField,
} from '../wire/console-line.ts';
import { type Credentials, decodeCredentials } from '../wire/credentials.ts';
import { BOARD_PART_BYTES, PartJoiner, splitParts } from '../wire/parts.ts';
import { MpsNode } from '../mps/node.ts';
import { APPLICATION } from '../features.ts';
import { AnswerStore } from './answers.ts';
import type { Application, Mesh } from './application.ts';
import { ApplicationHost } from './application-host.ts';
import { helloLine, otherLine, ownLine } from './lines.ts';
import { Messages } from './messages.ts';
import { Network } from './network.ts';
import {
  type NodeOutput,
  type NodeSetup,
  STATE_BLANK,
  STATE_JOINED,
  STATE_KEYLESS,
} from './setup.ts';

const HELLO_KEYLESS_MS = 5000;
const HELLO_JOINED_MS = 10000;
/** Nodes on one page of the topology. */
export const PAGE_NODES = 6;
/** Unchanged nodes are repeated on the console in turn, all of them in the first time, but none sooner than the second. */
const REFRESH_ALL_MS = 12000;
const REFRESH_LEAST_MS = 1000;
const REJECT_REPORT_MS = 5000;
const IDENTIFY_MS = 6000;
/** Answers and events waiting for the console; beyond this the oldest event-like line goes. */
const MOST_LINES = 24;

const LEVELS: readonly string[] = ['error', 'warn', 'info', 'debug'];

/**
 * One node without any hardware: frames, console lines and time go in, and poll() hands out what is to be done.
 * Inputs: start, receiveFrame, receiveLine, stored, tick. All times are milliseconds since start, never falling.
 */
export class Node {
  state: string = STATE_BLANK;
  /** Written by the driver, shown by `stats`. */
  heapUsed = 0;
  heapFree = 0;
  loopMs = 0;
  radioTrouble = 0;
  network: Network | null = null;
  /** Null without an application. */
  host: ApplicationHost | null = null;
  readonly key: string;
  name = '';
  zone = '';

  private readonly setup: NodeSetup;
  private readonly outputs: NodeOutput[] = [];
  private readonly lines: Uint8Array[] = [];
  private readonly answers: AnswerStore = new AnswerStore();
  private readonly joiner: PartJoiner = new PartJoiner();
  private mps: MpsNode | null = null;
  private mpsAtMs = -1;
  private credentials: Credentials | null = null;
  private signer: ConsoleSigner | null = null;
  private adminCounter: number;
  private level = 2;
  private helloAtMs = 0;
  private refreshAtMs = 0;
  private refreshAt = 0;
  private rejectAtMs = 0;
  private readonly rejectShown: Map<string, number> = new Map();
  private ownShown = '';
  private identifyEndMs = -1;
  private rebootAtMs = -1;
  private ledShown = '';
  private boot: number;

  constructor(setup: NodeSetup) {
    this.setup = setup;
    this.key = toHex(setup.mac);
    this.adminCounter = setup.adminCounter;
    this.boot = setup.boot;
  }

  /** Gives this node an application, before start(); the driver calls host.run() then. */
  carry(make: (mesh: Mesh) => Application): void {
    if (APPLICATION) this.host = new ApplicationHost(this, make);
  }

  start(atMs: number): void {
    const identity = this.setup.identity;
    if (identity !== null) {
      this.state = STATE_KEYLESS;
      this.name = identity.name;
      this.zone = identity.zone;
      if (identity.nodeKey !== null || identity.setupKey !== null) {
        this.mps = new MpsNode({
          crypto: this.setup.crypto,
          mac: this.setup.mac,
          nodeKey: identity.nodeKey,
          setupKey: identity.setupKey,
        });
      } else this.log(0, 'identity without keys: flash this board again');
    }
    const stored = this.setup.credentials;
    if (stored !== null && identity !== null) {
      const credentials = decodeCredentials(stored);
      if (credentials === null) this.log(0, 'credentials unreadable: join this board again');
      else this.join(credentials, atMs);
    }
    if (this.boot === 0 && identity !== null) {
      this.log(0, 'boot counter cannot be stored: off the air until NVS is repaired');
    }
    this.sayHello(atMs);
    this.showLed(atMs);
  }

  private join(credentials: Credentials, atMs: number): void {
    this.credentials = credentials;
    this.state = STATE_JOINED;
    if (credentials.name !== '') this.name = credentials.name;
    if (credentials.zone !== '') this.zone = credentials.zone;
    const consoleKey = credentials.consoleKey;
    this.signer =
      consoleKey === null ? null : new ConsoleSigner(this.setup.crypto, consoleKey, this.setup.mac);
    if (this.boot === 0) return;
    const before = this.network;
    const network = new Network(this.setup.crypto, credentials, this.key, this.boot, atMs);
    network.nameSelf(this.name, this.zone);
    if (before !== null) network.gate.continueFrom(before.gate);
    if (APPLICATION && this.host !== null) {
      network.messages = new Messages(this.key, this.boot, network.relay);
    }
    this.network = network;
    this.outputs.push({ kind: 'radio', channel: credentials.channel });
  }

  /** A frame from the radio; `from` is the sender's key, `bytes` may be reused by the caller afterwards. */
  receiveFrame(from: string, rssiDbm: number, bytes: Uint8Array, atMs: number): void {
    if (this.network !== null) this.network.receive(from, rssiDbm, bytes, atMs);
  }

  /** A frame from the console, without its 0x1E and line feed. */
  receiveLine(frame: Uint8Array, atMs: number): void {
    const request = parseRequestLine(frame);
    if (request === null) {
      this.log(1, 'request not understood: bad checksum, JSON or id');
      return;
    }
    if (request.type === 'hello') this.answers.clear();
    const kept = this.answers.find(request.id, request.type, atMs);
    if (kept !== null) {
      this.lines.push(kept);
      return;
    }
    const error = this.authorise(request);
    if (error !== '') this.fail(request, error, atMs);
    else this.serve(request, atMs);
  }

  /** '' when the request may go on. */
  private authorise(request: RequestLine): string {
    if (this.state !== STATE_JOINED || !needsTag(request.type)) return '';
    if (this.signer === null) return 'no-admin-key';
    if (!request.verify(this.signer)) return 'unauthorised';
    if (request.counter <= this.adminCounter || request.counter > 0x7fffffff)
      return 'stale-counter';
    this.adminCounter = request.counter;
    this.outputs.push({ kind: 'number', key: 'admin_n', value: request.counter });
    return '';
  }

  private serve(request: RequestLine, atMs: number): void {
    switch (request.type) {
      case 'hello': {
        const hello = this.hello(atMs);
        this.line(hello);
        this.succeed(request, hello, atMs);
        return;
      }
      case 'topology':
        this.topology(request, atMs);
        return;
      case 'stats': {
        const stats = this.stats(atMs);
        this.line(stats);
        this.succeed(request, stats, atMs);
        return;
      }
      case 'config.get':
        this.configGet(request, atMs);
        return;
      case 'mps.open':
      case 'mps.payload':
      case 'mps.close':
        this.serveMps(request, atMs);
        return;
      case 'identify':
        this.identifyEndMs = atMs + IDENTIFY_MS;
        this.showLed(atMs);
        this.succeed(request, '{}', atMs);
        return;
      case 'reboot':
        this.rebootAtMs = atMs + 250;
        this.succeed(request, '{}', atMs);
        return;
      case 'log.level': {
        const level = LEVELS.indexOf(textField(request.fields, 'level') ?? '');
        if (level < 0) this.fail(request, 'bad-level', atMs);
        else {
          this.level = level;
          this.succeed(request, '{}', atMs);
        }
        return;
      }
      default:
        this.serveApplication(request, atMs);
    }
  }

  /** Requests that only a build with an application knows. */
  private serveApplication(request: RequestLine, atMs: number): void {
    let error = 'unknown-request';
    if (APPLICATION && this.host !== null) error = this.host.serve(request, atMs);
    if (error === '') this.succeed(request, '{}', atMs);
    else this.fail(request, error, atMs);
  }

  private serveMps(request: RequestLine, atMs: number): void {
    const mps = this.mps;
    if (mps === null) {
      this.fail(request, 'no-identity', atMs);
      return;
    }
    if (request.type === 'mps.open') mps.open(atMs);
    else if (request.type === 'mps.close') mps.close();
    else {
      const bytes = fromBase64Url(textField(request.fields, 'data') ?? '*');
      const part = integerField(request.fields, 'part') ?? 0;
      const parts = integerField(request.fields, 'parts') ?? 1;
      if (bytes === null || bytes.length === 0) {
        this.fail(request, 'bad-data', atMs);
        return;
      }
      const whole = this.joiner.add(part, parts, bytes);
      if (whole !== null) mps.receive(whole, atMs);
    }
    this.succeed(request, '{}', atMs);
    this.drainMps();
  }

  private drainMps(): void {
    const mps = this.mps;
    if (mps === null) return;
    for (;;) {
      const output = mps.poll();
      if (output.kind === 'wake') {
        this.mpsAtMs = output.atMs;
        return;
      }
      if (output.kind === 'send') this.sendMps(output.bytes);
      else if (output.kind === 'commit') {
        this.outputs.push({ kind: 'credentials', bytes: output.credentials });
      } else if (output.kind === 'failed') {
        this.line(`{"t":"event","event":"mps-failed","code":"${output.code}"}`);
      } else this.event('mps-done', this.key);
    }
  }

  private sendMps(bytes: Uint8Array): void {
    const parts = splitParts(bytes, BOARD_PART_BYTES);
    for (let part = 0; part < parts.length; part += 1) {
      const data = toBase64Url(parts[part]);
      this.line(`{"t":"mps","data":"${data}","part":${part},"parts":${parts.length}}`);
    }
  }

  /** The driver stored the credentials of the last `credentials` output, or could not. */
  stored(bytes: Uint8Array, ok: boolean, atMs: number): void {
    const mps = this.mps;
    if (mps === null) return;
    mps.committed(ok, atMs);
    this.drainMps();
    if (!ok) {
      this.log(0, 'credentials could not be stored: NVS refused the write');
      return;
    }
    const credentials = decodeCredentials(bytes);
    if (credentials === null) return;
    this.join(credentials, atMs);
    this.sayHello(atMs);
    this.showLed(atMs);
  }

  private topology(request: RequestLine, atMs: number): void {
    const page = integerField(request.fields, 'page') ?? 0;
    const network = this.network;
    if (network === null) {
      this.succeed(request, '{"page":0,"pages":0,"count":0}', atMs);
      return;
    }
    const count = network.mesh.table.presentCount + 1;
    const pages = Math.floor((count + PAGE_NODES - 1) / PAGE_NODES);
    if (page < 0 || page >= pages) {
      this.fail(request, 'no-such-page', atMs);
      return;
    }
    let at = 0;
    const first = page * PAGE_NODES;
    if (page === 0) this.line(ownLine(network, this.key));
    for (const record of network.mesh.table.list) {
      if (!record.shown) continue;
      at += 1;
      if (at >= first && at < first + PAGE_NODES) this.line(otherLine(network, record, atMs));
    }
    this.succeed(request, `{"page":${page},"pages":${pages},"count":${count}}`, atMs);
  }

  private configGet(request: RequestLine, atMs: number): void {
    const key = textField(request.fields, 'key') ?? '';
    const value = this.configValue(key);
    if (value === null) this.fail(request, 'unknown-key', atMs);
    else this.succeed(request, `{"key":"${key}","value":${value}}`, atMs);
  }

  /** JSON, never a secret. null for an unknown key, or one that has no value yet. */
  private configValue(key: string): string | null {
    if (key === 'name') return jsonText(this.name);
    if (key === 'zone') return jsonText(this.zone);
    if (key === 'boot') return `${this.boot}`;
    if (key === 'log.level') return jsonText(LEVELS[this.level]);
    const credentials = this.credentials;
    if (credentials === null) return null;
    if (key === 'channel') return `${credentials.channel}`;
    if (key === 'epoch') return `${credentials.epoch}`;
    if (key === 'timing') return `${credentials.timing}`;
    if (key === 'network') return jsonText(toHex(credentials.networkId));
    return null;
  }

  private stats(atMs: number): string {
    const network = this.network;
    const rejected: string[] = [];
    let frames = '"rx":0,"tx":0';
    let messages = '"relayed":0,"dropped":0';
    if (network !== null) {
      frames = `"rx":${network.gate.accepted},"tx":${network.sent}`;
      messages = `"relayed":${network.relay.relayed},"dropped":${network.relay.dropped}`;
      const counts = network.gate.rejected;
      for (const cause of Array.from(counts.keys())) {
        rejected.push(`"${cause}":${counts.get(cause) ?? 0}`);
      }
    }
    if (APPLICATION && this.host !== null) messages += `,"app":${this.host.stats()}`;
    return (
      `{"t":"stats","heapUsed":${this.heapUsed},"heapFree":${this.heapFree},"loopMs":${this.loopMs},` +
      `"uptime":${atMs},${frames},"radioTrouble":${this.radioTrouble},` +
      `"rejected":{${rejected.join(',')}},${messages}}`
    );
  }

  private succeed(request: RequestLine, result: string, atMs: number): void {
    this.answer(request, `true,"result":${result}`, atMs);
  }

  private fail(request: RequestLine, error: string, atMs: number): void {
    this.answer(request, `false,"error":"${error}"`, atMs);
  }

  private answer(request: RequestLine, outcome: string, atMs: number): void {
    const line = encodeBoardLine(`{"t":"answer","id":${request.id},"ok":${outcome}}`);
    if (line === null) return;
    this.queue(line);
    const type = request.type;
    const reads =
      type === 'hello' || type === 'topology' || type === 'stats' || type === 'config.get';
    if (!reads) this.answers.keep(request.id, type, line, atMs);
  }

  private hello(atMs: number): string {
    return helloLine(this.setup, this.key, this.name, this.zone, this.state, atMs);
  }

  private sayHello(atMs: number): void {
    this.line(this.hello(atMs));
    this.helloAtMs = atMs + (this.state === STATE_JOINED ? HELLO_JOINED_MS : HELLO_KEYLESS_MS);
  }

  /** Queues a line for the console; one that is too long for a line is left out. */
  line(json: string): void {
    const line = encodeBoardLine(json);
    if (line !== null) this.queue(line);
  }

  private queue(line: Uint8Array): void {
    if (this.lines.length >= MOST_LINES) this.lines.shift();
    this.lines.push(line);
  }

  private event(name: string, key: string): void {
    this.line(`{"t":"event","event":"${name}","mac":"${keyToMac(key)}"}`);
  }

  /** level: 0 error, 1 warn, 2 info, 3 debug. */
  log(level: number, text: string): void {
    if (level > this.level) return;
    this.line(`{"t":"log","level":"${LEVELS[level]}","text":${jsonText(text)}}`);
  }

  /** Time has come to `atMs`. */
  tick(atMs: number): void {
    const mps = this.mps;
    if (mps !== null && this.mpsAtMs >= 0 && atMs >= this.mpsAtMs) {
      mps.tick(atMs);
      this.drainMps();
    }
    if (atMs >= this.helloAtMs) this.sayHello(atMs);
    if (this.identifyEndMs >= 0 && atMs >= this.identifyEndMs) {
      this.identifyEndMs = -1;
      this.showLed(atMs);
    }
    if (this.rebootAtMs >= 0 && atMs >= this.rebootAtMs) {
      this.rebootAtMs = -1;
      this.outputs.push({ kind: 'reboot' });
    }
    const network = this.network;
    if (network === null) return;
    network.tick(atMs);
    const boot = network.takeRenewedBoot();
    if (boot > 0) {
      this.boot = boot;
      this.outputs.push({ kind: 'number', key: 'boot', value: boot });
    }
    this.showEvents(network, atMs);
    if (atMs >= this.rejectAtMs) this.showRejected(network, atMs);
  }

  private showEvents(network: Network, atMs: number): void {
    const events = network.mesh.tree.events;
    while (events.length > 0) {
      const event = events.shift() ?? null;
      if (event !== null) this.event(event[0], event[1]);
      this.showLed(atMs);
    }
  }

  /** Refused frames, by cause, when there are more than at the last report. */
  private showRejected(network: Network, atMs: number): void {
    this.rejectAtMs = atMs + REJECT_REPORT_MS;
    const rejected = network.gate.rejected;
    for (const cause of Array.from(rejected.keys())) {
      const count = rejected.get(cause) ?? 0;
      if ((this.rejectShown.get(cause) ?? 0) === count) continue;
      this.rejectShown.set(cause, count);
      this.line(`{"t":"event","event":"frame-rejected","cause":"${cause}","count":${count}}`);
    }
  }

  private showLed(atMs: number): void {
    let pattern = 'searching';
    const network = this.network;
    if (this.identifyEndMs > atMs) pattern = 'identify';
    else if (network !== null && network.mesh.tree.isPlaced()) pattern = 'joined';
    if (pattern === this.ledShown) return;
    this.ledShown = pattern;
    this.outputs.push({ kind: 'led', pattern: pattern });
  }

  /** What is to be done next; null when there is nothing until wakeAtMs(). Call until null after every input. */
  poll(atMs: number): NodeOutput | null {
    const output = this.outputs.shift() ?? null;
    if (output !== null) return output;
    const network = this.network;
    if (network !== null) {
      const frame = network.takeFrame(atMs);
      if (frame !== null) return { kind: 'frame', bytes: frame };
    }
    const line = this.takeLine(atMs);
    return line === null ? null : { kind: 'line', bytes: line };
  }

  /** Waiting lines first, then one report of what changed, made only now so that it is true. */
  private takeLine(atMs: number): Uint8Array | null {
    const line = this.lines.shift() ?? null;
    if (line !== null) return line;
    const network = this.network;
    if (network === null) return null;
    const tree = network.mesh.tree;
    const own = tree.parent + '/' + tree.root + '/' + tree.hops.toString();
    if (own !== this.ownShown) {
      this.ownShown = own;
      return encodeBoardLine(ownLine(network, this.key));
    }
    for (;;) {
      const record = network.mesh.table.takeChanged();
      if (record === null) break;
      if (record.shown) return encodeBoardLine(otherLine(network, record, atMs));
      if (record.gone) {
        network.forget(record);
        return encodeBoardLine(`{"t":"gone","mac":"${keyToMac(record.key)}"}`);
      }
    }
    if (atMs < this.refreshAtMs) return null;
    const gapMs = Math.floor(REFRESH_ALL_MS / (network.mesh.table.presentCount + 1));
    const first = this.refreshAtMs === 0;
    this.refreshAtMs = atMs + (gapMs < REFRESH_LEAST_MS ? REFRESH_LEAST_MS : gapMs);
    return first ? null : this.refresh(network, atMs);
  }

  /** The next node in turn. */
  private refresh(network: Network, atMs: number): Uint8Array | null {
    const list = network.mesh.table.list;
    for (let steps = 0; steps <= list.length; steps += 1) {
      this.refreshAt = this.refreshAt < list.length ? this.refreshAt + 1 : 0;
      if (this.refreshAt === list.length) return encodeBoardLine(ownLine(network, this.key));
      const record = list[this.refreshAt];
      if (record.shown) return encodeBoardLine(otherLine(network, record, atMs));
    }
    return null;
  }

  /** When tick() should come at the latest. */
  wakeAtMs(): number {
    let wake = this.helloAtMs;
    if (this.mpsAtMs >= 0 && this.mpsAtMs < wake) wake = this.mpsAtMs;
    const network = this.network;
    if (network !== null) {
      const air = network.wakeAtMs();
      if (air < wake) wake = air;
    }
    return wake;
  }
}
