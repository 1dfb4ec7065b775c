import { MpsPauses } from '../mps/pauses.ts';
import type { Credentials } from '../wire/credentials.ts';
import { type JoiningSession, openSession } from './joining-session.ts';
import { NO_MEMORY, type Reporter } from './reporter.ts';
import type { Identity, NodeOutput, NodeSetup } from './setup.ts';

/** mps.open, mps.payload or mps.close, as far as its fields are what they should be. */
export interface JoiningRequest {
  readonly type: string;
  /** Of mps.open; '' when it has none. */
  readonly role: string;
  readonly mac: Uint8Array | null;
  /** Of mps.payload. */
  readonly data: Uint8Array | null;
  readonly part: number;
  readonly parts: number;
}

/** Joining as the rest of the node sees it: the machines behind it (joining-session.ts) are there while a window is open only. */
export class Joining {
  /** What this node is a member by; null while it is none. */
  member: Credentials | null = null;
  readonly setup: NodeSetup;
  readonly identity: Identity;
  readonly key: string;
  readonly reporter: Reporter;
  readonly outputs: NodeOutput[];
  /** Outlasts the machines: whoever tries keys is slowed down however often a window opens. */
  readonly pauses: MpsPauses = new MpsPauses();
  private session: JoiningSession | null = null;

  /** The identity has at least one key. */
  constructor(
    setup: NodeSetup,
    identity: Identity,
    key: string,
    reporter: Reporter,
    outputs: NodeOutput[],
  ) {
    this.setup = setup;
    this.identity = identity;
    this.key = key;
    this.reporter = reporter;
    this.outputs = outputs;
  }

  /** The window on the air is open. */
  isOpen(): boolean {
    return this.session !== null && this.session.isOpen();
  }

  /** Null when the board has no memory for it. */
  private opened(): JoiningSession | null {
    try {
      this.session ??= openSession(this);
    } catch (error) {
      this.reporter.notLoaded('joining', error);
    }
    return this.session;
  }

  private settle(session: JoiningSession): void {
    if (session.isOver()) this.session = null;
  }

  /** A request of the laptop: mps.open, mps.payload or mps.close; drain() comes next. '' or the code of what is wrong. */
  serve(request: JoiningRequest, atMs: number): string {
    // Outside of a window they are ignored, and nothing is loaded for them: anybody at the console may send them.
    if (this.session === null && request.type !== 'mps.open') return '';
    const session = this.opened();
    return session === null ? NO_MEMORY : session.serve(request, atMs);
  }

  /** Somebody wants setup at this board: it admits others, or asks to be admitted. */
  press(atMs: number): void {
    const session = this.opened();
    if (session === null) return;
    session.press(atMs);
    this.settle(session);
  }

  /** A frame from the radio; false when it is not for setup, or nobody opened the window. */
  receiveFrame(from: string, bytes: Uint8Array, atMs: number): boolean {
    const session = this.session;
    if (session === null) return false;
    const taken = session.receiveFrame(from, bytes, atMs);
    this.settle(session);
    return taken;
  }

  /** The driver wrote the credentials, or could not. */
  stored(ok: boolean, atMs: number): void {
    const session = this.session;
    if (session === null) return;
    session.stored(ok, atMs);
    this.settle(session);
  }

  /** Does what the machines ask; after every call of serve(). */
  drain(atMs: number): void {
    const session = this.session;
    if (session === null) return;
    session.drain(atMs);
    this.settle(session);
  }

  tick(atMs: number): void {
    const session = this.session;
    if (session === null) return;
    session.tick(atMs);
    this.settle(session);
  }

  /** When tick() should come, at `wakeMs` the latest. */
  wakeAtMs(wakeMs: number): number {
    return this.session === null ? wakeMs : this.session.wakeAtMs(wakeMs);
  }
}
