import { ROUTER } from '../features.ts';
import { macBytes, toHex } from '../std/hex.ts';
import { utf8Encode } from '../std/utf8.ts';
import { BROADCAST_KEY, keyToMac, NO_NODE } from '../wire/cells.ts';
import { jsonText } from '../wire/console-line.ts';
import {
  ALL,
  type Application,
  type Mesh,
  type MeshNode,
  Message,
  MOST_BYTES,
  ROOT,
  type SendProblem,
  type SendResult,
} from './application.ts';
import { FLAG_ROOT } from '../wire/advert.ts';
import { FLAGS, PARENT, SHOWN } from '../mesh/node-rows.ts';
import type { Network } from './network.ts';

const TICK_MS = 50;
/** So many failures within a minute stop the application; a single one at the start does. */
const MOST_FAILURES = 5;
const FAILURES_MS = 60000;
/** A call that takes longer is reported, and again when one takes longer still. */
const SLOW_MS = 100;
const MOST_TEXT = 300;

/** What the host needs of its node. */
export interface HostingNode {
  readonly key: string;
  readonly name: string;
  readonly zone: string;
  readonly network: Network | null;
  log(level: number, text: string): void;
  line(json: string): void;
}

function macOrNone(key: string): string {
  return key === NO_NODE ? '' : keyToMac(key);
}

function sendProblem(code: SendProblem): SendResult {
  let text = 'too many messages wait: send it again a little later';
  if (code === 'no-network') text = 'this node has not joined a network yet: join it first';
  else if (code === 'unknown-node') text = 'no present node has this address or name';
  else if (code === 'ambiguous-name') text = 'several nodes have this name: use an address';
  else if (code === 'no-root') text = 'there is no root at the moment: try again in some seconds';
  else if (code === 'empty') text = 'a message has at least one byte';
  else if (code === 'too-long') text = 'a message has at most 1500 bytes: send several';
  return { ok: false, code: code, text: text };
}

/** The mesh as an application sees it. */
class HostedMesh implements Mesh {
  nowMs = 0;
  private readonly node: HostingNode;

  constructor(node: HostingNode) {
    this.node = node;
  }

  get id(): string {
    return keyToMac(this.node.key);
  }

  get name(): string {
    return this.node.name;
  }

  get zone(): string {
    return this.node.zone;
  }

  get isRoot(): boolean {
    const network = this.node.network;
    return network !== null && network.mesh.tree.isRoot();
  }

  get root(): string {
    const network = this.node.network;
    return network === null ? '' : macOrNone(network.mesh.tree.placedRoot());
  }

  get routerAddress(): string {
    const network = this.node.network;
    const router = !ROUTER || network === null ? null : network.router;
    return router === null ? '' : router.address;
  }

  get parent(): string {
    const network = this.node.network;
    return network === null ? '' : macOrNone(network.mesh.tree.parent);
  }

  nodes(): MeshNode[] {
    const found: MeshNode[] = [];
    const network = this.node.network;
    if (network === null) return found;
    const table = network.mesh.table;
    const rows = table.rows;
    for (let row = 1; row < rows.size; row += 1) {
      if (!rows.is(row, SHOWN)) continue;
      const key = rows.key(row);
      const near = table.get(key);
      found.push({
        id: keyToMac(key),
        name: network.nameOf(key),
        zone: network.zoneOf(key),
        parent: macOrNone(rows.key(row, PARENT)),
        isRoot: (rows.u8(row, FLAGS) & FLAG_ROOT) !== 0,
        rssiDbm: near === null ? 0 : near.rssiDbm,
      });
    }
    return found;
  }

  send(to: string, content: string | Uint8Array, acknowledge: boolean = false): SendResult {
    const network = this.node.network;
    if (network === null || network.messages === null) return sendProblem('no-network');
    const bytes = typeof content === 'string' ? utf8Encode(content) : content.slice();
    if (bytes.length === 0) return sendProblem('empty');
    if (bytes.length > MOST_BYTES) return sendProblem('too-long');
    let key = BROADCAST_KEY;
    if (to === ROOT) key = network.mesh.tree.placedRoot();
    else if (to !== ALL) key = this.keyOf(network, to);
    if (key === NO_NODE) return sendProblem(to === ROOT ? 'no-root' : 'unknown-node');
    if (key === '?') return sendProblem('ambiguous-name');
    const wanted = acknowledge && key !== BROADCAST_KEY;
    const number = network.messages.send(key, bytes, wanted, this.nowMs);
    return number < 0 ? sendProblem('busy') : { ok: true, number: number };
  }

  /** Key of a present node, or of this one, by address or name; '' for none, '?' for several. */
  private keyOf(network: Network, to: string): string {
    const mac = macBytes(to);
    if (mac !== null) {
      const key = toHex(mac);
      return key === this.node.key || network.mesh.table.presentRow(key) >= 0 ? key : NO_NODE;
    }
    return network.names.keyOf(to);
  }

  log(text: string): void {
    this.node.log(2, text.slice(0, MOST_TEXT));
  }
}

/**
 * Runs one application beside the node: nothing that it throws gets out, repeated failures stop it, long calls are reported. The
 * driver calls run() when the radio and the console are served, and took() with the time that it measured.
 */
export class ApplicationHost {
  private readonly node: HostingNode;
  private readonly mesh: HostedMesh;
  private readonly make: (mesh: Mesh) => Application;
  private application: Application | null = null;
  /** '' while it has not been stopped; then why. */
  private stoppedBy = '';
  private failures = 0;
  private recentFailures = 0;
  private recentSinceMs = 0;
  private lastError = '';
  private longestMs = 0;
  private call = '';
  private tickAtMs = 0;
  private pressed = false;

  constructor(node: HostingNode, make: (mesh: Mesh) => Application) {
    this.node = node;
    this.make = make;
    this.mesh = new HostedMesh(node);
  }

  /** Requests `app.button` and `app.send` (to, text) of the console; '' when done, else the error to answer. */
  serve(type: string, to: string, text: string, atMs: number): string {
    if (type === 'app.button') {
      this.pressed = true;
      return '';
    }
    if (type !== 'app.send') return 'unknown-request';
    this.mesh.nowMs = atMs;
    const result = this.mesh.send(to, text);
    return result.ok ? '' : result.code;
  }

  /** Makes at most one call of the application; true when there was one. */
  run(atMs: number): boolean {
    this.mesh.nowMs = atMs;
    this.call = '';
    if (this.stoppedBy !== '') this.discard();
    else {
      try {
        this.next(atMs);
      } catch (error) {
        this.fail(
          error instanceof Error ? error.name + ': ' + error.message : 'unknown error',
          atMs,
        );
      }
    }
    return this.call !== '';
  }

  private next(atMs: number): void {
    if (this.application === null) {
      this.call = 'start';
      const made = this.make(this.mesh);
      made.start();
      this.application = made;
      return;
    }
    const application = this.application;
    const network = this.node.network;
    const messages = network === null ? null : network.messages;
    if (network !== null && messages !== null) {
      const received = messages.takeReceived();
      if (received !== null) {
        const from = received.from;
        const name = network.nameOf(from);
        const zone = network.zoneOf(from);
        this.call = 'process';
        application.process(
          new Message(keyToMac(from), name, zone, received.toAll, received.bytes),
        );
        return;
      }
      const outcome = messages.takeOutcome();
      if (outcome !== null) {
        this.call = 'sent';
        application.sent(outcome.number, outcome.arrived);
        return;
      }
    }
    if (this.pressed) {
      this.pressed = false;
      this.call = 'button';
      application.button();
    } else if (atMs >= this.tickAtMs) {
      this.tickAtMs = atMs + TICK_MS;
      this.call = 'tick';
      application.tick(atMs);
    }
  }

  /** Messages to a stopped application are not kept for it. */
  private discard(): void {
    const network = this.node.network;
    if (network === null || network.messages === null) return;
    network.messages.takeReceived();
    network.messages.takeOutcome();
  }

  private fail(what: string, atMs: number): void {
    if (atMs - this.recentSinceMs > FAILURES_MS) {
      this.recentSinceMs = atMs;
      this.recentFailures = 0;
    }
    this.failures += 1;
    this.recentFailures += 1;
    this.lastError = (this.call + ': ' + what).slice(0, 100);
    this.event('app-failed', this.lastError, `"count":${this.failures}`);
    if (this.call === 'start') this.stop('failed at its start');
    else if (this.recentFailures >= MOST_FAILURES) this.stop('5 failures within a minute');
  }

  private stop(reason: string): void {
    this.stoppedBy = reason;
    this.application = null;
    this.node.line(`{"t":"event","event":"app-stopped","text":"${reason}"}`);
  }

  private event(name: string, text: string, more: string): void {
    this.node.line(`{"t":"event","event":"${name}","text":${jsonText(text)},${more}}`);
  }

  /** How long the last run() took. */
  took(ms: number): void {
    if (this.call === '' || ms <= this.longestMs) return;
    this.longestMs = ms;
    if (ms > SLOW_MS) this.event('app-slow', this.call, `"ms":${ms}`);
  }

  /** As JSON. */
  stats(): string {
    const network = this.node.network;
    const messages = network === null ? null : network.messages;
    const received = messages === null ? 0 : messages.received;
    const sent = messages === null ? 0 : messages.sent;
    const state = this.stoppedBy === '' ? 'running' : 'stopped';
    return (
      `{"state":"${state}","reason":"${this.stoppedBy}","failures":${this.failures},` +
      `"lastError":${jsonText(this.lastError)},"longestMs":${this.longestMs},` +
      `"received":${received},"sent":${sent}}`
    );
  }
}
