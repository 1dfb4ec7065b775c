/**
 * One node and any number of registrars joined by a channel that a test scripts, under a clock that the test owns.
 * Every message takes 10 ms unless the channel says otherwise. A reset replaces a machine by a fresh one with the
 * same options; what the node committed survives, as NVS does.
 */
import { v8Crypto } from '../../../app/keys/crypto.ts';
import type { Crypto } from '../../std/crypto.ts';
import type { Credentials } from '../../wire/credentials.ts';
import { encodeCredentials } from '../../wire/credentials.ts';
import type { MpsNodeOptions } from '../node.ts';
import { MpsNode } from '../node.ts';
import type { MpsOutput, MpsProof } from '../outputs.ts';
import type { MpsRegistrarOptions } from '../registrar.ts';
import { MpsRegistrar } from '../registrar.ts';

export const filled = (size: number, start: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (start + i) & 0xff);

export const CREDENTIALS: Credentials = {
  networkId: filled(8, 0x10),
  epoch: 3,
  networkKey: filled(32, 0x20),
  channel: 6,
  timing: 0,
  name: 'küche',
  zone: 'erdgeschoss',
  previous: { epoch: 2, key: filled(32, 0x40), retired: false },
  consoleKey: filled(32, 0x60),
  setupKey: null,
  router: { ssid: 'home', password: 'not so secret' },
};
export const ENCODED = encodeCredentials(CREDENTIALS);
export const MAC = filled(6, 0xa0);
export const NODE_KEY = filled(32, 0x80);
export const SETUP_KEY = filled(32, 0xc0);
export const NETWORK_ID = CREDENTIALS.networkId;

export const nodeOptions = (over: Partial<MpsNodeOptions> = {}): MpsNodeOptions => ({
  crypto: v8Crypto,
  mac: MAC,
  nodeKey: NODE_KEY,
  setupKey: null,
  ...over,
});
export const registrarOptions = (over: Partial<MpsRegistrarOptions> = {}): MpsRegistrarOptions => ({
  crypto: v8Crypto,
  networkId: NETWORK_ID,
  mac: MAC,
  nodeKey: NODE_KEY,
  setupKey: null,
  credentials: ENCODED,
  ...over,
});

/** v8Crypto with nonces from a list, for vectors. */
export function withNonces(...nonces: Uint8Array[]): Crypto {
  const left = [...nonces];
  return {
    ...v8Crypto,
    random(size) {
      const nonce = left.shift();
      if (!nonce || nonce.length !== size) throw new Error('an unexpected nonce was asked for');
      return nonce;
    },
  };
}

/** 'node', or the number of a registrar. */
export type Side = 'node' | number;
export interface Sent {
  readonly from: Side;
  /** In the order of sending over the whole run. */
  readonly index: number;
  readonly bytes: Uint8Array;
  readonly atMs: number;
}
export interface Delivery {
  readonly bytes: Uint8Array;
  readonly delayMs?: number;
}
/** What arrives for what was sent: nothing, once, several times, later, damaged. */
export type Channel = (sent: Sent) => readonly Delivery[];

const TRAVEL_MS = 10;

export interface PairOptions {
  readonly node?: MpsNodeOptions;
  readonly registrars?: readonly MpsRegistrarOptions[];
  readonly channel?: Channel;
  /** Called after each delivery; may reset sides. */
  readonly afterStep?: (pair: Pair, step: number) => void;
  readonly canCommit?: () => boolean;
}

interface InFlight {
  readonly to: Side;
  readonly bytes: Uint8Array;
  readonly atMs: number;
}

export class Pair {
  nowMs = 1000;
  node: MpsNode;
  readonly registrars: MpsRegistrar[];
  readonly sent: Sent[] = [];
  readonly committed: Uint8Array[] = [];
  readonly done = new Map<Side, MpsProof>();
  readonly failed = new Map<Side, string[]>();
  steps = 0;
  readonly #options: PairOptions;
  readonly #nodeOptions: MpsNodeOptions;
  readonly #registrarOptions: readonly MpsRegistrarOptions[];
  readonly #wakes = new Map<Side, number>();
  #inFlight: InFlight[] = [];

  constructor(options: PairOptions = {}) {
    this.#options = options;
    this.#nodeOptions = options.node ?? nodeOptions();
    this.#registrarOptions = options.registrars ?? [registrarOptions()];
    this.node = new MpsNode(this.#nodeOptions);
    this.registrars = this.#registrarOptions.map((each) => new MpsRegistrar(each));
  }

  openAll(): this {
    for (const i of this.registrars.keys()) this.openRegistrar(i);
    this.openNode();
    return this;
  }
  openNode(): void {
    this.node.open(this.nowMs);
    this.drain('node');
  }
  openRegistrar(i: number): void {
    this.registrars[i]!.open(this.nowMs);
    this.drain(i);
  }
  resetNode(reopen: boolean): void {
    this.node = new MpsNode(this.#nodeOptions);
    this.#wakes.delete('node');
    if (reopen) this.openNode();
  }
  resetRegistrar(i: number, reopen: boolean): void {
    this.registrars[i] = new MpsRegistrar(this.#registrarOptions[i]!);
    this.#wakes.delete(i);
    if (reopen) this.openRegistrar(i);
  }

  /** Puts bytes on the line towards a side, as a stranger would. */
  inject(to: Side, bytes: Uint8Array): void {
    this.#inFlight.push({ to, bytes, atMs: this.nowMs + 1 });
  }

  /** Runs until nothing is left to happen or the time has come. */
  run(untilMs = this.nowMs + 60_000): this {
    for (;;) {
      const next = this.#nextAtMs();
      if (next === null || next > untilMs) break;
      this.nowMs = Math.max(this.nowMs, next);
      const at = this.#inFlight.findIndex((each) => each.atMs <= this.nowMs);
      if (at >= 0) {
        const { to, bytes } = this.#inFlight.splice(at, 1)[0]!;
        if (to === 'node') this.node.receive(bytes, this.nowMs);
        else this.registrars[to]!.receive(bytes, this.nowMs);
        this.drain(to);
        this.steps++;
        this.#options.afterStep?.(this, this.steps);
        continue;
      }
      for (const [side, wakeAtMs] of [...this.#wakes]) {
        if (wakeAtMs > this.nowMs) continue;
        this.#wakes.delete(side);
        if (side === 'node') this.node.tick(this.nowMs);
        else this.registrars[side]!.tick(this.nowMs);
        this.drain(side);
      }
    }
    this.nowMs = Math.max(this.nowMs, untilMs);
    return this;
  }

  drain(side: Side): void {
    for (;;) {
      const machine = side === 'node' ? this.node : this.registrars[side]!;
      const output: MpsOutput = machine.poll();
      if (output.kind === 'wake') {
        if (output.atMs < 0) this.#wakes.delete(side);
        else this.#wakes.set(side, output.atMs);
        return;
      }
      if (output.kind === 'send') this.#send(side, output.bytes);
      if (output.kind === 'done') this.done.set(side, output.proof);
      if (output.kind === 'failed') {
        this.failed.set(side, [...(this.failed.get(side) ?? []), output.code]);
      }
      if (output.kind === 'commit') {
        const ok = this.#options.canCommit?.() ?? true;
        if (ok) this.committed.push(output.credentials);
        this.node.committed(ok, this.nowMs);
      }
    }
  }

  #send(from: Side, bytes: Uint8Array): void {
    const sent: Sent = { from, index: this.sent.length, bytes, atMs: this.nowMs };
    this.sent.push(sent);
    const deliveries = this.#options.channel?.(sent) ?? [{ bytes }];
    const to: Side[] = from === 'node' ? [...this.registrars.keys()] : ['node'];
    for (const delivery of deliveries) {
      for (const side of to) {
        const atMs = this.nowMs + (delivery.delayMs ?? TRAVEL_MS);
        this.#inFlight.push({ to: side, bytes: delivery.bytes, atMs });
      }
    }
  }

  #nextAtMs(): number | null {
    const times = [...this.#inFlight.map((each) => each.atMs), ...this.#wakes.values()];
    return times.length === 0 ? null : Math.min(...times);
  }
}
