/**
 * MPS, the side that admits a board: the laptop over the console, or a joined node. No clock, no transport: open() a
 * window, feed receive() and tick(), drain poll() after every call.
 *
 *   closed -open-> open -done-> finished
 *
 * While open it keeps at most one run that was offered and one that is being delivered. A new request replaces the offer
 * only; so a delayed or replayed request cannot undo a delivery, and a confirmation for an offer that is gone is
 * answered with "unknown run", which makes the node begin again. Nothing is final before a right `done`.
 */
import { concatBytes, equalBytes } from '../std/bytes.ts';
import type { Crypto } from '../std/crypto.ts';
import type { Message } from './messages.ts';
import {
  beginMessage,
  CONFIRM,
  CREDENTIALS,
  DONE,
  MARK_BYTES,
  MPS_PROTOCOL_VERSION,
  NONCE_BYTES,
  OFFER,
  parseMessage,
  REFUSE,
  REFUSE_BAD_CREDENTIALS,
  REFUSE_BUSY,
  REFUSE_COMMIT_FAILED,
  REFUSE_UNKNOWN_RUN,
  REFUSE_VERSION,
  REFUSE_WRONG_KEY,
  refusal,
  REQUEST,
  WINDOW_MS,
} from './messages.ts';
import type { MpsOutput } from './outputs.ts';
import {
  KIND_NODE_KEY,
  KIND_SETUP_KEY,
  MPS_BAD_CREDENTIALS,
  MPS_BUSY,
  MPS_CLOSED,
  MPS_COMMIT_FAILED,
  MPS_NO_ANSWER,
  MPS_TIMEOUT,
  MPS_VERSION,
  MPS_WRONG_BOARD,
  MPS_WRONG_KEY,
} from './outputs.ts';
import { RunKeys } from './run-keys.ts';
import { pauseAfterMs, ResendTimer } from './timing.ts';

export interface MpsRegistrarOptions {
  readonly crypto: Crypto;
  /** 8 bytes; the same as in the credentials. */
  readonly networkId: Uint8Array;
  /** 6 bytes: admit this board only; null: any board that proves the key. */
  readonly mac: Uint8Array | null;
  /** 32 bytes each; at least one is there. The node key is preferred. */
  readonly nodeKey: Uint8Array | null;
  readonly setupKey: Uint8Array | null;
  /** As encodeCredentials() makes them. */
  readonly credentials: Uint8Array;
}

type State = 'closed' | 'open' | 'finished';

/** Confirmations with a wrong tag before the registrar gives up. */
const MOST_WRONG_CONFIRMS = 3;

/** One run: a request and the offer made for it. */
class Run {
  readonly request: Message;
  readonly mark: Uint8Array;
  readonly keyKind: number;
  readonly keys: RunKeys;
  readonly offer: Uint8Array;
  confirm: Uint8Array = new Uint8Array(0);

  constructor(
    request: Message,
    keyKind: number,
    masterKey: Uint8Array,
    options: MpsRegistrarOptions,
  ) {
    const nonce = options.crypto.random(NONCE_BYTES);
    this.request = request;
    this.mark = nonce.slice(0, MARK_BYTES);
    this.keyKind = keyKind;
    const body = concatBytes(new Uint8Array([keyKind]), nonce, options.networkId);
    const beforeTag = beginMessage(OFFER, request.nodeMark, this.mark, body);
    this.keys = new RunKeys(options.crypto, masterKey, keyKind, request.content, beforeTag);
    this.offer = this.keys.seal(OFFER, beforeTag);
  }

  owns(message: Message): boolean {
    return (
      equalBytes(message.nodeMark, this.request.nodeMark) &&
      equalBytes(message.registrarMark, this.mark)
    );
  }

  mac(): Uint8Array {
    return this.request.body.slice(2, 8);
  }
}

export class MpsRegistrar {
  private readonly options: MpsRegistrarOptions;
  private readonly outputs: MpsOutput[] = [];
  private readonly timer: ResendTimer = new ResendTimer();
  private state: State = 'closed';
  private windowEndMs: number = 0;
  private trouble: string = MPS_NO_ANSWER;
  private failures: number = 0;
  private pauseEndMs: number = 0;
  private wrongConfirms: number = 0;
  private offered: Run | null = null;
  private delivering: Run | null = null;
  private waiting: Uint8Array = new Uint8Array(0); // credentials, sent until answered

  constructor(options: MpsRegistrarOptions) {
    this.options = options;
  }

  /** Opens the window of 45 s; a run that was under way is dropped silently. */
  open(atMs: number): void {
    this.reset('open');
    this.windowEndMs = atMs + WINDOW_MS;
    this.trouble = MPS_NO_ANSWER;
    this.wrongConfirms = 0;
  }

  /** Closes the window now: `failed` with `closed`, or with the trouble there was. */
  close(): void {
    if (this.state !== 'open') return;
    const quiet = this.trouble === MPS_NO_ANSWER || this.trouble === MPS_TIMEOUT;
    this.fail(quiet ? MPS_CLOSED : this.trouble);
  }

  isOpen(): boolean {
    return this.state === 'open';
  }

  tick(atMs: number): void {
    if (this.state !== 'open') return;
    if (atMs >= this.windowEndMs) {
      this.fail(this.trouble);
      return;
    }
    if (!this.timer.isDue(atMs)) return;
    this.outputs.push({ kind: 'send', bytes: this.waiting });
    this.timer.sent(atMs);
  }

  /** Bytes from the other side; whatever is not an intact message that fits is ignored. */
  receive(bytes: Uint8Array, atMs: number): void {
    this.tick(atMs);
    if (this.state !== 'open') return;
    const message = parseMessage(bytes);
    if (message === null) return;
    if (message.type === REQUEST) this.onRequest(message, atMs);
    else if (message.type === CONFIRM) this.onConfirm(message, atMs);
    else if (message.type === DONE) this.onDone(message);
    else if (message.type === REFUSE) this.onRefuse(message, atMs);
  }

  poll(): MpsOutput {
    const output = this.outputs.shift();
    if (output !== undefined) return output;
    return { kind: 'wake', atMs: this.wakeAtMs() };
  }

  private wakeAtMs(): number {
    if (this.state !== 'open') return -1;
    if (this.timer.atMs < 0) return this.windowEndMs;
    return Math.min(this.timer.atMs, this.windowEndMs);
  }

  private onRequest(message: Message, atMs: number): void {
    if (message.version !== MPS_PROTOCOL_VERSION) {
      this.trouble = MPS_VERSION;
      this.refuse(REFUSE_VERSION, message);
      return;
    }
    const wanted = this.options.mac;
    if (wanted !== null && !equalBytes(message.body.slice(2, 8), wanted)) {
      if (this.offered === null && this.delivering === null) this.trouble = MPS_WRONG_BOARD;
      return;
    }
    if (atMs < this.pauseEndMs) return;
    const delivering = this.delivering;
    if (delivering !== null && equalBytes(message.content, delivering.request.content)) return;
    let run = this.offered;
    if (run === null || !equalBytes(message.content, run.request.content)) {
      run = this.newRun(message);
      if (run === null) {
        this.trouble = MPS_WRONG_KEY;
        this.refuse(REFUSE_WRONG_KEY, message);
        return;
      }
      this.offered = run;
      this.trouble = MPS_TIMEOUT;
    }
    this.outputs.push({ kind: 'send', bytes: run.offer });
  }

  private newRun(request: Message): Run | null {
    const kinds = request.body[0];
    const nodeKey = this.options.nodeKey;
    if ((kinds & KIND_NODE_KEY) !== 0 && nodeKey !== null) {
      return new Run(request, KIND_NODE_KEY, nodeKey, this.options);
    }
    const setupKey = this.options.setupKey;
    if ((kinds & KIND_SETUP_KEY) !== 0 && setupKey !== null) {
      return new Run(request, KIND_SETUP_KEY, setupKey, this.options);
    }
    return null;
  }

  private onConfirm(message: Message, atMs: number): void {
    const delivering = this.delivering;
    if (delivering !== null && delivering.owns(message)) {
      if (!equalBytes(message.content, delivering.confirm)) return;
      this.outputs.push({ kind: 'send', bytes: this.waiting });
      this.timer.sent(atMs);
      return;
    }
    const run = this.offered;
    if (run === null || !run.owns(message)) {
      this.refuse(REFUSE_UNKNOWN_RUN, message);
      return;
    }
    if (!run.keys.accept(message)) {
      this.onWrongConfirm(message, atMs);
      return;
    }
    run.confirm = message.content;
    const ciphertext = run.keys.cipher(this.options.credentials);
    const beforeTag = beginMessage(CREDENTIALS, message.nodeMark, run.mark, ciphertext);
    this.waiting = run.keys.seal(CREDENTIALS, beforeTag);
    this.delivering = run;
    this.offered = null;
    this.timer.start(atMs);
    this.tick(atMs);
  }

  private onWrongConfirm(message: Message, atMs: number): void {
    this.refuse(REFUSE_WRONG_KEY, message);
    this.offered = null;
    this.trouble = MPS_WRONG_KEY;
    this.countFailure(atMs);
    this.wrongConfirms += 1;
    if (this.wrongConfirms >= MOST_WRONG_CONFIRMS) this.fail(MPS_WRONG_KEY);
  }

  private onDone(message: Message): void {
    const run = this.delivering;
    if (run === null || !run.owns(message) || !run.keys.accept(message)) return;
    const proof = {
      mac: run.mac(),
      keyKind: run.keyKind,
      networkId: this.options.networkId,
      transcript: run.keys.transcript,
    };
    this.failures = 0;
    this.pauseEndMs = 0;
    this.reset('finished');
    this.outputs.push({ kind: 'done', proof });
  }

  private onRefuse(message: Message, atMs: number): void {
    const code = message.body[0];
    const offered = this.offered;
    const delivering = this.delivering;
    if (offered !== null && offered.owns(message)) {
      if (code === REFUSE_WRONG_KEY) {
        this.countFailure(atMs);
        this.fail(MPS_WRONG_KEY);
      } else if (code === REFUSE_BUSY) {
        this.offered = null;
        this.trouble = MPS_BUSY;
      }
    } else if (delivering !== null && delivering.owns(message)) {
      if (code === REFUSE_BAD_CREDENTIALS) this.fail(MPS_BAD_CREDENTIALS);
      if (code === REFUSE_COMMIT_FAILED) this.fail(MPS_COMMIT_FAILED);
    }
  }

  private countFailure(atMs: number): void {
    this.failures += 1;
    this.pauseEndMs = atMs + pauseAfterMs(this.failures);
  }

  private refuse(code: number, to: Message): void {
    this.outputs.push({ kind: 'send', bytes: refusal(code, to.nodeMark, to.registrarMark) });
  }

  private fail(code: string): void {
    this.reset('closed');
    this.outputs.push({ kind: 'failed', code });
  }

  private reset(state: State): void {
    this.state = state;
    this.offered = null;
    this.delivering = null;
    this.timer.stop();
  }
}
