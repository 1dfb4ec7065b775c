/**
 * One board joins: the registrar's side of MPS over a board's console. The state machine is firmware-src/mps; this is
 * its driver. Nothing is reported as joined before a right `done`; whatever else happens ends in a ProvisionError, and
 * the run can be repeated.
 */
import type { Clock } from '../base/clock.ts';
import { systemClock } from '../base/clock.ts';
import { bytesToHex, toBase64Url } from '../base/bytes.ts';
import type { BoardConsole, ConsoleEvent } from '../console/board-console.ts';
import { ConsoleError } from '../console/console-error.ts';
import type { HelloFrame } from '../console/frames.ts';
import type { JoinProof, NetworkRecord, NodeRecord } from '../fleet/record.ts';
import { v8Crypto } from '../keys/crypto.ts';
import type { MpsProof } from '../../firmware-src/mps/outputs.ts';
import { MpsRegistrar } from '../../firmware-src/mps/registrar.ts';
import type { Crypto } from '../../firmware-src/std/crypto.ts';
import { macBytes, macText } from '../../firmware-src/std/hex.ts';
import { consoleKeyFor, ConsoleSigner } from '../../firmware-src/wire/request-line.ts';
import { encodeCredentials } from '../../firmware-src/wire/credentials.ts';
import { HOST_PART_BYTES, PartJoiner, splitParts } from '../../firmware-src/wire/parts.ts';
import { credentialsFor, networkIdBytes } from './identity.ts';
import { isProvisionCode, ProvisionError } from './provision-error.ts';

/** In order; each is reported once it begins. */
export const JOIN_STAGES = ['hello', 'opening', 'proving', 'delivering', 'joined'] as const;
export type JoinStage = (typeof JOIN_STAGES)[number];

export interface JoinOptions {
  readonly network: NetworkRecord;
  readonly node: NodeRecord;
  /** The board on the port must have this MAC; the record's own unless given, any when both are null. */
  readonly mac?: string | null;
  /** The board on the port is a joined node that carries the handshake of this node, which is within its radio's reach. */
  readonly through?: boolean;
  readonly clock?: Clock;
  readonly crypto?: Crypto;
  readonly signal?: AbortSignal;
  onStage?(stage: JoinStage): void;
}

export interface JoinResult {
  readonly proof: JoinProof;
  readonly hello: HelloFrame;
}

/** Restarts of the board in one run before we give up. */
const MOST_REBOOTS = 3;
/** A board in its window repeats itself every 4 s at the latest: after this long it has none, though it may have restarted unseen. */
const QUIET_MS = 9000;

/**
 * Resolves once the board has proved that it stored the credentials.
 * @throws ProvisionError, or the signal's reason; the record is the caller's and is not touched
 */
export async function joinBoard(board: BoardConsole, options: JoinOptions): Promise<JoinResult> {
  const run = new JoinRun(board, options);
  try {
    return await run.run();
  } catch (error) {
    throw inWords(error, options.signal);
  } finally {
    run.dispose();
  }
}

function inWords(error: unknown, signal: AbortSignal | undefined): unknown {
  if (signal?.aborted || !(error instanceof ConsoleError)) return error;
  const cause = { cause: error };
  switch (error.code) {
    case 'refused':
      if (error.reason === 'unauthorised' || error.reason === 'no-admin-key') {
        return new ProvisionError('foreign-network', cause);
      }
      if (error.reason === 'no-identity') return new ProvisionError('no-identity', cause);
      return new ProvisionError('refused', { ...cause, details: error.reason ?? '' });
    case 'silent':
      return new ProvisionError('silent', cause);
    case 'no-answer':
    case 'rebooted':
    case 'too-long':
      return new ProvisionError('no-answer', cause);
    default:
      return new ProvisionError('unplugged', cause);
  }
}

class JoinRun {
  readonly #board: BoardConsole;
  readonly #options: JoinOptions;
  readonly #clock: Clock;
  readonly #joiner = new PartJoiner();
  readonly #stop: () => void;
  #inbox: Uint8Array[] = [];
  #rebooted = false;
  /** When the board last sent a part of the handshake, or was asked to begin. */
  #heardAtMs = 0;
  #end: ConsoleError | null = null;
  #wake: () => void = () => {};
  #stage: JoinStage | null = null;
  /** Fields of mps.open. */
  #role: Readonly<Record<string, string>> = {};

  constructor(board: BoardConsole, options: JoinOptions) {
    this.#board = board;
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#stop = board.subscribe((event) => this.#onEvent(event));
  }

  dispose(): void {
    this.#stop();
    this.#board.useSigner(null);
  }

  async run(): Promise<JoinResult> {
    const { network, node, signal } = this.#options;
    this.#enter('hello');
    const hello = await this.#board.waitForHello(signal ? { signal } : {});
    if (hello.state === 'blank') throw new ProvisionError('no-identity');
    const wanted = this.#options.mac ?? node.mac;
    const plugged = macBytes(hello.mac);
    const { through = false } = this.#options;
    if (through) {
      if (hello.state !== 'joined') throw new ProvisionError('no-carrier');
      if (wanted === null) throw new ProvisionError('no-address');
      this.#role = { role: 'carry', mac: wanted };
    } else if (plugged === null || (wanted !== null && hello.mac !== wanted)) {
      throw new ProvisionError('wrong-board', { details: `${hello.mac}, not ${wanted}` });
    }
    const joining = through ? wanted! : hello.mac;
    const mac = macBytes(joining);
    if (mac === null || plugged === null) throw new ProvisionError('wrong-board');
    const crypto = this.#options.crypto ?? v8Crypto;
    const consoleKey = consoleKeyFor(crypto, network.keys.adminKey, plugged);
    this.#board.useSigner(new ConsoleSigner(crypto, consoleKey, plugged));
    const registrar = new MpsRegistrar({
      crypto,
      networkId: networkIdBytes(network),
      mac,
      nodeKey: node.nodeKey,
      setupKey: null,
      credentials: encodeCredentials(credentialsFor(network, node, joining)),
    });
    try {
      const proof = await this.#drive(registrar);
      this.#enter('joined');
      if (through) await this.#closeWindow();
      return { proof: this.#proofOf(proof), hello: this.#board.hello ?? hello };
    } catch (error) {
      await this.#closeWindow();
      throw error;
    }
  }

  async #drive(registrar: MpsRegistrar): Promise<MpsProof> {
    registrar.open(this.#clock.nowMs());
    await this.#openWindow();
    for (let reboots = 0; ;) {
      this.#options.signal?.throwIfAborted();
      if (this.#end !== null) throw this.#end;
      if (this.#rebooted) {
        if (++reboots > MOST_REBOOTS) throw new ProvisionError('timeout', { details: 'reboots' });
        await this.#openWindow();
      } else if (this.#clock.nowMs() >= this.#heardAtMs + QUIET_MS) {
        await this.#openWindow();
      }
      const message = this.#inbox.shift();
      const nowMs = this.#clock.nowMs();
      if (message !== undefined) registrar.receive(message, nowMs);
      else registrar.tick(nowMs);
      for (let output = registrar.poll(); ; output = registrar.poll()) {
        if (output.kind === 'send') await this.#send(output.bytes);
        else if (output.kind === 'done') return output.proof;
        else if (output.kind === 'failed') throw failure(output.code);
        else if (output.kind === 'wake') {
          await this.#waitUntil(Math.min(output.atMs, this.#heardAtMs + QUIET_MS));
          break;
        }
      }
    }
  }

  /** Asks the board to open its window; once more when it restarts meanwhile. */
  async #openWindow(): Promise<void> {
    this.#enter('opening');
    for (let attempt = 0; ; attempt++) {
      this.#rebooted = false;
      this.#inbox = [];
      try {
        await this.#board.request('mps.open', this.#role, this.#requestOptions());
        this.#heardAtMs = this.#clock.nowMs();
        this.#enter('proving');
        return;
      } catch (error) {
        const restarted = error instanceof ConsoleError && error.code === 'rebooted';
        if (!restarted || attempt >= MOST_REBOOTS) throw error;
      }
    }
  }

  async #send(message: Uint8Array): Promise<void> {
    const parts = splitParts(message, HOST_PART_BYTES);
    if (parts.length > 1) this.#enter('delivering');
    try {
      for (const [part, bytes] of parts.entries()) {
        const fields = { data: toBase64Url(bytes), part, parts: parts.length };
        await this.#board.request('mps.payload', fields, this.#requestOptions());
      }
    } catch (error) {
      // Lost on the way: the machines send again. Only a link that is gone is final.
      const passing =
        error instanceof ConsoleError && (error.code === 'rebooted' || error.code === 'no-answer');
      if (!passing) throw error;
    }
  }

  /** Returns at `atMs`, or earlier when something came. */
  async #waitUntil(atMs: number): Promise<void> {
    if (this.#inbox.length > 0 || this.#rebooted || this.#end !== null) return;
    const { signal } = this.#options;
    const timer = new AbortController();
    const came = new Promise<void>((resolve) => (this.#wake = resolve));
    const slept = this.#clock.sleep(
      Math.max(0, atMs - this.#clock.nowMs()),
      AbortSignal.any(signal ? [timer.signal, signal] : [timer.signal]),
    );
    try {
      await Promise.race([came, slept]);
    } finally {
      timer.abort();
    }
  }

  /** Best effort: the board's window closes by itself after 45 s. */
  async #closeWindow(): Promise<void> {
    if (this.#end !== null) return;
    try {
      await this.#board.request('mps.close', {}, { attempts: 1, timeoutMs: 500, silentMs: 500 });
    } catch {
      // The failure that led here matters more.
    }
  }

  #onEvent(event: ConsoleEvent): void {
    if (event.kind === 'frame' && event.frame.t === 'mps') {
      const { part, parts, data } = event.frame;
      this.#heardAtMs = this.#clock.nowMs();
      const whole = this.#joiner.add(part, parts, data);
      // A board that floods us cannot make us keep more than this.
      if (whole !== null && this.#inbox.length < 32) this.#inbox.push(whole);
    } else if (event.kind === 'rebooted') {
      this.#rebooted = true;
    } else if (event.kind === 'ended') {
      this.#end = event.error ?? new ConsoleError('closed');
    } else {
      return;
    }
    this.#wake();
  }

  #requestOptions(): { signal?: AbortSignal } {
    return this.#options.signal ? { signal: this.#options.signal } : {};
  }

  #enter(stage: JoinStage): void {
    if (this.#stage === stage) return;
    this.#stage = stage;
    this.#options.onStage?.(stage);
  }

  #proofOf(proof: MpsProof): JoinProof {
    return {
      mac: macText(proof.mac),
      networkId: bytesToHex(proof.networkId),
      firmware: (this.#options.through ? this.#options.node : this.#board.hello)?.firmware ?? '',
      transcript: bytesToHex(proof.transcript),
    };
  }
}

function failure(code: string): ProvisionError {
  if (!isProvisionCode(code)) throw new Error(`the registrar failed with an unknown code: ${code}`);
  return new ProvisionError(code);
}
