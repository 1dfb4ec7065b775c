import { equalBytes } from '../std/bytes.ts';
import { toHex } from '../std/hex.ts';
import { NO_NODE } from '../wire/cells.ts';
import {
  type Credentials,
  decodeCredentials,
  type RouterCredentials,
} from '../wire/credentials.ts';
import { APPLICATION, ROUTER, SETUP_ON_AIR, WIFI_TREE } from '../features.ts';
import type { Application, Mesh } from './application.ts';
import { ApplicationHost } from './application-host.ts';
import { Deliveries } from './deliveries.ts';
import { Joining } from './joining.ts';
import { helloLine } from './lines.ts';
import { Messages } from './messages.ts';
import { Network } from './network.ts';
import { Reporter } from './reporter.ts';
import { openRequests, type Requests } from './requests.ts';
import {
  type NodeOutput,
  type NodeSetup,
  STATE_BLANK,
  STATE_JOINED,
  STATE_KEYLESS,
} from './setup.ts';

const HELLO_KEYLESS_MS = 5000;
const HELLO_JOINED_MS = 10000;
const IDENTIFY_MS = 6000;
/** Longer than a laptop that stays plugged in says nothing. */
const KEEP_REQUESTS_MS = 600000;
/** A request that finds no memory for the code that reads it waits so long for some. */
const WAIT_MS = 800;
/** After this, a part for the router that found no memory is loaded again. */
const ROUTER_AGAIN_MS = 60000;

/** Whether other credentials leave the radio and the timing of the mesh as they are. */
function isSameAir(known: Credentials | null, next: Credentials): boolean {
  return (
    known !== null &&
    equalBytes(known.networkId, next.networkId) &&
    known.channel === next.channel &&
    known.timing === next.timing &&
    (!ROUTER || isSameRouter(known.router, next.router))
  );
}

function isSameRouter(one: RouterCredentials | null, other: RouterCredentials | null): boolean {
  if (one === null || other === null) return one === other;
  return one.ssid === other.ssid && one.password === other.password;
}

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
  /** Null without an identity. */
  joining: Joining | null = null;
  credentials: Credentials | null = null;
  /** For requests of the administrator. */
  consoleKey: Uint8Array | null = null;
  readonly key: string;
  name = '';
  zone = '';
  boot: number;
  /** When the board restarts, -1 not at all. */
  rebootAtMs = -1;

  readonly setup: NodeSetup;
  private readonly outputs: NodeOutput[] = [];
  readonly reporter: Reporter;
  /** There while somebody asks. */
  private requests: Requests | null = null;
  private requestsEndMs = 0;
  private waiting: Uint8Array | null = null;
  private waitEndMs = 0;
  private routerAtMs = -1;
  /** The last one of an administrator's requests. */
  adminCounter: number;
  readonly deliveries: Deliveries;
  private helloAtMs = 0;
  private identifyEndMs = -1;
  private ledShown = '';

  constructor(setup: NodeSetup) {
    this.setup = setup;
    this.key = toHex(setup.mac);
    this.adminCounter = setup.adminCounter;
    this.boot = setup.boot;
    this.reporter = new Reporter(this.key);
    this.deliveries = new Deliveries(this, setup, this.reporter);
  }

  /** Gives this node an application, before start(); the driver calls host.run() then. */
  carry(make: (mesh: Mesh) => Application): void {
    if (APPLICATION) this.host = new ApplicationHost(this, make);
  }

  start(atMs: number): void {
    const setup = this.setup;
    const identity = setup.identity;
    if (identity !== null) {
      this.state = STATE_KEYLESS;
      this.name = identity.name;
      this.zone = identity.zone;
      if (identity.nodeKey !== null || identity.setupKey !== null) {
        this.joining = new Joining(setup, identity, this.key, this.reporter, this.outputs);
      } else this.log(0, 'identity without keys: flash this board again');
    }
    const stored = setup.credentials;
    if (stored !== null && identity !== null) {
      const credentials = decodeCredentials(stored);
      if (credentials === null) this.log(0, 'credentials unreadable: join this board again');
      else this.join(credentials, atMs);
    }
    if (this.boot === 0 && identity !== null) {
      this.log(0, 'boot counter cannot be stored: off the air until NVS is repaired');
    }
    this.sayHello(atMs);
  }

  private join(credentials: Credentials, atMs: number): void {
    const known = this.credentials;
    this.credentials = credentials;
    this.state = STATE_JOINED;
    if (credentials.name !== '') this.name = credentials.name;
    if (credentials.zone !== '') this.zone = credentials.zone;
    const joining = this.joining;
    if (joining !== null) joining.member = credentials;
    const identity = this.setup.identity;
    this.consoleKey = credentials.consoleKey ?? (identity === null ? null : identity.consoleKey);
    if (this.boot === 0) return;
    const before = this.network;
    if (before !== null && isSameAir(known, credentials)) {
      before.rekey(this.setup.crypto, credentials);
      before.names.setOwn(this.name, this.zone);
      return;
    }
    const network = new Network(this.setup.crypto, credentials, this.key, this.boot, atMs);
    network.names.setOwn(this.name, this.zone);
    if (before !== null) network.gate.continueFrom(before.gate);
    if (APPLICATION && this.host !== null) {
      network.messages = new Messages(this.key, this.boot, network.relay);
    }
    this.network = network;
    this.routerAtMs = -1;
    if (ROUTER && credentials.router !== null) {
      let first = this.setup.channel === 0 ? credentials.channel : this.setup.channel;
      if (before !== null && before.channel !== null) first = before.channel.current;
      if (this.serveRouter(network, credentials.router, first, atMs)) return;
    }
    this.outputs.push({ kind: 'radio', channel: credentials.channel });
  }

  /** False where there is no memory for that: the node is one of the mesh meanwhile, and holds no router. */
  private serveRouter(
    network: Network,
    router: RouterCredentials,
    first: number,
    atMs: number,
  ): boolean {
    const own = this.credentials === null ? first : this.credentials.channel;
    try {
      network.serveRouter(router, first === own ? [first] : [first, own]);
      return true;
    } catch (error) {
      this.reporter.notLoaded('router', error);
      this.routerAtMs = atMs + ROUTER_AGAIN_MS;
      return false;
    }
  }

  /** A frame from the radio; `from` is the sender's key, `bytes` may be reused by the caller afterwards. */
  receiveFrame(from: string, rssiDbm: number, bytes: Uint8Array, atMs: number): void {
    const joining = this.joining;
    if (joining !== null && joining.receiveFrame(from, bytes, atMs)) return;
    if (this.network !== null) this.network.receive(from, rssiDbm, bytes, atMs);
  }

  /** A frame from the console, without its 0x1E and line feed. */
  receiveLine(frame: Uint8Array, atMs: number): void {
    this.requestsEndMs = atMs + KEEP_REQUESTS_MS;
    this.serve(frame, this.waiting !== null, atMs);
  }

  /** `isLast`: a request that finds no memory for the code that reads it is refused; else it waits, for that often passes. */
  private serve(frame: Uint8Array, isLast: boolean, atMs: number): void {
    try {
      this.requests ??= openRequests(this, this.reporter);
    } catch (error) {
      if (isLast) {
        this.reporter.refuse(frame);
        this.reporter.notLoaded('requests', error);
      } else {
        this.waiting = frame.slice();
        this.waitEndMs = atMs + WAIT_MS;
      }
    }
    if (this.requests !== null) this.requests.receive(frame, atMs);
  }

  /** The button was held for as long as setup wants it. */
  press(atMs: number): void {
    if (SETUP_ON_AIR && this.joining !== null) this.joining.press(atMs);
  }

  /** False when an administrator's counter is not above the last one; else it is the last one now. */
  countAdmin(counter: number): boolean {
    if (counter <= this.adminCounter || counter > 0x7fffffff) return false;
    this.adminCounter = counter;
    this.outputs.push({ kind: 'number', key: 'admin_n', value: counter });
    return true;
  }

  /** The driver stored the credentials of the last `credentials` output, or could not. */
  stored(bytes: Uint8Array, ok: boolean, atMs: number): void {
    if (this.joining !== null) this.joining.stored(ok, atMs);
    const credentials = ok ? decodeCredentials(bytes) : null;
    if (credentials !== null) this.join(credentials, atMs);
    this.deliveries.stored(ok, atMs);
    if (ok) this.sayHello(atMs);
    else this.log(0, 'credentials could not be stored: NVS refused the write');
    if (this.requests !== null) this.requests.saved(ok, atMs);
  }

  hello(atMs: number): string {
    return helloLine(this.setup, this.key, this.name, this.zone, this.state, atMs);
  }

  private sayHello(atMs: number): void {
    this.helloAtMs = atMs + (this.state === STATE_JOINED ? HELLO_JOINED_MS : HELLO_KEYLESS_MS);
    this.line(this.hello(atMs));
  }

  /** Queues a line for the console; one that is too long for a line is left out. */
  line(json: string): void {
    this.reporter.line(json);
  }

  /** level: 0 error, 1 warn, 2 info, 3 debug. */
  log(level: number, text: string): void {
    this.reporter.log(level, text);
  }

  /** Blinks for some seconds. */
  identify(atMs: number): void {
    this.identifyEndMs = atMs + IDENTIFY_MS;
  }

  /** Time has come to `atMs`. */
  tick(atMs: number): void {
    if (this.joining !== null) this.joining.tick(atMs);
    if (atMs >= this.requestsEndMs) this.requests = null;
    const waiting = this.waiting;
    if (waiting !== null && atMs >= this.waitEndMs) {
      this.waiting = null;
      this.serve(waiting, true, atMs);
    }
    if (this.rebootAtMs >= 0 && atMs >= this.rebootAtMs) {
      this.rebootAtMs = -1;
      this.outputs.push({ kind: 'reboot' });
    }
    this.showLed(atMs);
    const network = this.network;
    if (network === null) return;
    if (ROUTER) network.quiet = this.joining !== null && this.joining.isOpen();
    network.tick(atMs);
    if (ROUTER && this.routerAtMs >= 0 && atMs >= this.routerAtMs) this.routerAgain(network, atMs);
    if (ROUTER) this.follow(network, atMs);
    for (;;) {
      const frame = network.control.shift() ?? null;
      if (frame === null) break;
      this.deliveries.receive(frame, atMs);
    }
    this.deliveries.tick(atMs);
    const boot = network.takeRenewedBoot();
    if (boot > 0) {
      this.boot = boot;
      this.outputs.push({ kind: 'number', key: 'boot', value: boot });
    }
    this.showEvents(network);
    this.reporter.showRejected(network, atMs);
  }

  private routerAgain(network: Network, atMs: number): void {
    const credentials = this.credentials;
    this.routerAtMs = -1;
    if (credentials === null || credentials.router === null) return;
    this.serveRouter(network, credentials.router, credentials.channel, atMs);
  }

  /** The radio follows the mesh's channel. */
  private follow(network: Network, atMs: number): void {
    const channel = network.channel;
    if (channel === null) return;
    const wanted = channel.takeTune();
    if (wanted !== 0) this.outputs.push({ kind: 'radio', channel: wanted });
    if (channel.moved) {
      channel.moved = false;
      network.mesh.timer.reset(atMs);
      if (WIFI_TREE) network.renewLinks();
      network.mesh.tree.events.push(['channel-moved', this.key]);
    }
    const kept = channel.takeKept(atMs);
    if (kept !== 0) this.outputs.push({ kind: 'number', key: 'channel', value: kept });
  }

  private showEvents(network: Network): void {
    const events = network.mesh.tree.events;
    while (events.length > 0) {
      const event = events.shift() ?? null;
      if (event !== null) this.reporter.event(event[0], event[1]);
    }
  }

  private showLed(atMs: number): void {
    let pattern = 'searching';
    const network = this.network;
    if (this.identifyEndMs > atMs) pattern = 'identify';
    else if (this.joining !== null && this.joining.isOpen()) pattern = 'setup';
    else if (network !== null && network.mesh.tree.isPlaced()) pattern = 'joined';
    if (pattern === this.ledShown) return;
    this.ledShown = pattern;
    this.outputs.push({ kind: 'led', pattern: pattern });
  }

  /** Something for the driver to do. */
  ask(output: NodeOutput): void {
    this.outputs.push(output);
  }

  /**
   * What is to be done next; null when there is nothing until wakeAtMs(). Call until null after every input. Where it finds no memory
   * it throws, and a frame or a line is lost.
   */
  poll(atMs: number): NodeOutput | null {
    const output = this.outputs.shift() ?? null;
    if (output !== null) return output;
    const network = this.network;
    if (network !== null) {
      const frame = network.takeFrame(atMs);
      if (frame !== null) return { kind: 'frame', bytes: frame, to: NO_NODE };
    }
    // Here and not in tick(): what finds no memory in poll() is lost alone.
    if (atMs >= this.helloAtMs) this.sayHello(atMs);
    const line = this.reporter.takeLine(network, atMs);
    return line === null ? null : { kind: 'line', bytes: line };
  }

  /** When tick() should come at the latest. */
  wakeAtMs(): number {
    let wake = this.helloAtMs;
    if (this.joining !== null) wake = this.joining.wakeAtMs(wake);
    const network = this.network;
    if (network !== null) {
      const air = network.wakeAtMs();
      if (air < wake) wake = air;
    }
    return wake;
  }
}
