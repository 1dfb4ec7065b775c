/**
 * MPS, the side of the board that wants to join. No clock, no transport: open() a window, feed receive() and tick(),
 * drain poll() after every call.
 *
 *   closed -open-> requesting -offer-> confirming -credentials-> committing -committed-> done -window ends-> closed
 *                      ^                   |
 *                      +--- no answer, or the registrar forgot the run: begin again with a fresh nonce
 *
 * Until the window ends a node that is done answers repeated credentials with `done` again. A wrong key makes it pause
 * (1, 2, 4 ... 32 s, also over windows) and ask anew; a stranger can thus delay it, but not close its window.
 */
import { decodeCredentials } from '../wire/credentials.ts';
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
  sealMessage,
  TAG_BYTES,
  WINDOW_MS,
} from './messages.ts';
import type { MpsOutput } from './outputs.ts';
import {
  KIND_NODE_KEY,
  KIND_SETUP_KEY,
  MPS_BAD_CREDENTIALS,
  MPS_CLOSED,
  MPS_COMMIT_FAILED,
  MPS_NO_ANSWER,
  MPS_TIMEOUT,
  MPS_VERSION,
  MPS_WRONG_KEY,
} from './outputs.ts';
import { MpsPauses } from './pauses.ts';
import { RunKeys } from './run-keys.ts';
import { pauseAfterMs, ResendTimer } from './timing.ts';

export interface MpsNodeOptions {
  readonly crypto: Crypto;
  /** 6 bytes. */
  readonly mac: Uint8Array;
  /** 32 bytes each; at least one is there. */
  readonly nodeKey: Uint8Array | null;
  readonly setupKey: Uint8Array | null;
  /** What is to outlast this machine; without it, it keeps its own. */
  readonly pauses?: MpsPauses;
}

type State = 'closed' | 'requesting' | 'confirming' | 'committing' | 'done';

/** Confirmations sent without an answer before the run is begun again. */
const MOST_CONFIRMS = 5;

export class MpsNode {
  private readonly options: MpsNodeOptions;
  private readonly outputs: MpsOutput[] = [];
  private readonly timer: ResendTimer = new ResendTimer();
  private state: State = 'closed';
  private windowEndMs: number = 0;
  /** The code the run ends with when the window closes now. */
  private trouble: string = MPS_NO_ANSWER;
  private readonly pauses: MpsPauses;

  private nodeMark: Uint8Array = new Uint8Array(MARK_BYTES);
  private registrarMark: Uint8Array = new Uint8Array(MARK_BYTES);
  private request: Uint8Array = new Uint8Array(0);
  private networkId: Uint8Array = new Uint8Array(0);
  private keyKind: number = 0;
  private keys: RunKeys | null = null;
  private waiting: Uint8Array = new Uint8Array(0); // sent until answered
  private credentialsTag: Uint8Array = new Uint8Array(0);
  private doneMessage: Uint8Array = new Uint8Array(0);

  constructor(options: MpsNodeOptions) {
    this.options = options;
    this.pauses = options.pauses ?? new MpsPauses();
  }

  /** Opens the window of 45 s and begins a run; one that was under way is dropped silently. */
  open(atMs: number): void {
    this.windowEndMs = atMs + WINDOW_MS;
    this.trouble = MPS_NO_ANSWER;
    this.startRun(Math.max(atMs, this.pauses.endMs));
    this.tick(atMs);
  }

  /** Closes the window now. A run in the middle fails with `closed`, or with the trouble it had. */
  close(): void {
    if (this.state === 'closed') return;
    if (this.state === 'done') {
      this.reset();
      return;
    }
    const quiet = this.trouble === MPS_NO_ANSWER || this.trouble === MPS_TIMEOUT;
    this.fail(quiet ? MPS_CLOSED : this.trouble);
  }

  isOpen(): boolean {
    return this.state !== 'closed';
  }

  /** Time has come to `atMs` (see wake). */
  tick(atMs: number): void {
    if (this.state === 'closed' || this.state === 'committing') return;
    if (atMs >= this.windowEndMs) {
      if (this.state === 'done') this.reset();
      else this.fail(this.trouble);
      return;
    }
    if (!this.timer.isDue(atMs)) return;
    if (this.state === 'confirming' && this.timer.sends >= MOST_CONFIRMS) this.startRun(atMs);
    this.outputs.push({ kind: 'send', bytes: this.waiting });
    this.timer.sent(atMs);
  }

  /** Bytes from the other side; whatever is not an intact message of this run is ignored. */
  receive(bytes: Uint8Array, atMs: number): void {
    this.tick(atMs);
    if (this.state === 'closed') return;
    const message = parseMessage(bytes);
    if (message === null || !equalBytes(message.nodeMark, this.nodeMark)) return;
    const known = equalBytes(message.registrarMark, this.registrarMark);
    if (message.type === OFFER) {
      if (this.state === 'requesting') this.onOffer(message, atMs);
      else if (!known) this.refuse(REFUSE_BUSY, message);
    } else if (message.type === CREDENTIALS && known) {
      this.onCredentials(message);
    } else if (message.type === REFUSE) {
      this.onRefuse(message.body[0], known, atMs);
    }
  }

  /** The driver wrote the credentials of the last `commit` output, or could not. */
  committed(ok: boolean, atMs: number): void {
    const keys = this.keys;
    if (this.state !== 'committing' || keys === null) return;
    if (!ok) {
      this.outputs.push({
        kind: 'send',
        bytes: refusal(REFUSE_COMMIT_FAILED, this.nodeMark, this.registrarMark),
      });
      this.fail(MPS_COMMIT_FAILED);
      return;
    }
    this.doneMessage = keys.seal(DONE, this.emptyMessage(DONE));
    this.pauses.failures = 0;
    this.pauses.endMs = 0;
    this.state = 'done';
    this.outputs.push({ kind: 'send', bytes: this.doneMessage });
    this.outputs.push({
      kind: 'done',
      proof: {
        mac: this.options.mac,
        keyKind: this.keyKind,
        networkId: this.networkId,
        transcript: keys.transcript,
      },
    });
    this.tick(atMs);
  }

  poll(): MpsOutput {
    const output = this.outputs.shift();
    if (output !== undefined) return output;
    return { kind: 'wake', atMs: this.wakeAtMs() };
  }

  private wakeAtMs(): number {
    if (this.state === 'closed' || this.state === 'committing') return -1;
    if (this.timer.atMs < 0) return this.windowEndMs;
    return Math.min(this.timer.atMs, this.windowEndMs);
  }

  private startRun(atMs: number): void {
    const options = this.options;
    const nonce = options.crypto.random(NONCE_BYTES);
    const nodeKind = options.nodeKey === null ? 0 : KIND_NODE_KEY;
    const setupKind = options.setupKey === null ? 0 : KIND_SETUP_KEY;
    const start = new Uint8Array([nodeKind | setupKind, MPS_PROTOCOL_VERSION]);
    this.nodeMark = nonce.slice(0, MARK_BYTES);
    this.registrarMark = new Uint8Array(MARK_BYTES);
    this.keys = null;
    this.request = beginMessage(
      REQUEST,
      this.nodeMark,
      this.registrarMark,
      concatBytes(start, options.mac, nonce),
    );
    this.waiting = sealMessage(this.request);
    this.timer.start(atMs);
    this.state = 'requesting';
  }

  private onOffer(message: Message, atMs: number): void {
    const keyKind = message.body[0];
    const masterKey = this.masterKey(keyKind);
    if (masterKey === null || atMs < this.pauses.endMs) return;
    const keys = new RunKeys(
      this.options.crypto,
      masterKey,
      keyKind,
      this.request,
      message.beforeTag(),
    );
    if (!keys.accept(message)) {
      this.refuse(REFUSE_WRONG_KEY, message);
      this.onWrongKey(atMs);
      return;
    }
    this.keys = keys;
    this.keyKind = keyKind;
    this.registrarMark = message.registrarMark;
    this.networkId = message.body.slice(17, 25);
    this.waiting = keys.seal(CONFIRM, this.emptyMessage(CONFIRM));
    this.trouble = MPS_TIMEOUT;
    this.state = 'confirming';
    this.timer.start(atMs);
    this.tick(atMs);
  }

  private onCredentials(message: Message): void {
    const keys = this.keys;
    if (keys === null) return;
    if (this.state === 'done') {
      if (!equalBytes(message.tag(), this.credentialsTag)) return;
      this.outputs.push({ kind: 'send', bytes: this.doneMessage });
      return;
    }
    if (this.state !== 'confirming' || !keys.accept(message)) return;
    const text = keys.cipher(message.body.slice(0, message.body.length - TAG_BYTES));
    const credentials = decodeCredentials(text);
    if (credentials === null || !equalBytes(credentials.networkId, this.networkId)) {
      this.refuse(REFUSE_BAD_CREDENTIALS, message);
      this.fail(MPS_BAD_CREDENTIALS);
      return;
    }
    this.credentialsTag = message.tag();
    this.timer.stop();
    this.state = 'committing';
    this.outputs.push({ kind: 'commit', credentials: text });
  }

  private onRefuse(code: number, known: boolean, atMs: number): void {
    if (this.state === 'requesting') {
      if (code === REFUSE_VERSION) this.trouble = MPS_VERSION;
      if (code === REFUSE_WRONG_KEY) this.trouble = MPS_WRONG_KEY;
    } else if (this.state === 'confirming' && known) {
      if (code === REFUSE_WRONG_KEY) this.onWrongKey(atMs);
      if (code === REFUSE_UNKNOWN_RUN) this.startRun(Math.max(atMs + 500, this.pauses.endMs));
    }
  }

  private onWrongKey(atMs: number): void {
    this.trouble = MPS_WRONG_KEY;
    this.pauses.failures += 1;
    this.pauses.endMs = atMs + pauseAfterMs(this.pauses.failures);
    this.startRun(this.pauses.endMs);
  }

  private refuse(code: number, to: Message): void {
    this.outputs.push({ kind: 'send', bytes: refusal(code, to.nodeMark, to.registrarMark) });
  }

  private emptyMessage(type: number): Uint8Array {
    return beginMessage(type, this.nodeMark, this.registrarMark, new Uint8Array(0));
  }

  private masterKey(keyKind: number): Uint8Array | null {
    if (keyKind === KIND_NODE_KEY) return this.options.nodeKey;
    if (keyKind === KIND_SETUP_KEY) return this.options.setupKey;
    return null;
  }

  private fail(code: string): void {
    this.reset();
    this.outputs.push({ kind: 'failed', code });
  }

  private reset(): void {
    this.state = 'closed';
    this.keys = null;
    this.timer.stop();
  }
}
