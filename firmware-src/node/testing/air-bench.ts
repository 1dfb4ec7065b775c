/**
 * Boards on one air with ESP-NOW as the platform has it: a channel each, at most one unicast peer, frames of an encrypted peer
 * only under the same PMK and LMK. Time, loss and resets are the test's; what was stored survives a reset, as NVS does.
 */
import { v8Crypto } from '../../../app/keys/crypto.ts';
import { fromUtf8 } from '../../../app/base/bytes.ts';
import { toHex } from '../../std/hex.ts';
import { encodeRequestLine } from '../../wire/request-line.ts';
import type { ConsoleSigner } from '../../wire/request-line.ts';
import { Node } from '../node.ts';
import type { NodeFrame } from '../setup.ts';
import { bytesOf, keyOf } from '../small-world.ts';

export const SETUP_KEY = bytesOf(32, 0xc0);
type Line = Record<string, unknown>;

export interface BenchBoard {
  readonly setupKey?: Uint8Array | null;
  readonly nodeKey?: Uint8Array | null;
  readonly credentials?: Uint8Array | null;
}

/** One frame under way. */
export interface Flying {
  readonly from: AirBoard;
  readonly frame: NodeFrame;
  readonly secrets: string;
  readonly channel: number;
}

export class AirBoard {
  readonly key: string;
  readonly mac: Uint8Array;
  readonly lines: Line[] = [];
  readonly numbers = new Map<string, number>();
  readonly patterns: string[] = [];
  node: Node;
  stored: Uint8Array | null;
  /** Blobs written, the refused ones too. */
  writes = 0;
  canStore = true;
  channel = 0;
  peer = '';
  secrets = '';
  /** Every peer that ever was one, and with how many bytes of secrets. */
  readonly peers: string[] = [];
  #boot = 0;
  #startedAtMs = 0;
  readonly #is: BenchBoard;

  constructor(index: number, is: BenchBoard, nowMs: number) {
    this.key = keyOf(index);
    this.mac = Uint8Array.from(this.key.match(/../g)!, (pair) => parseInt(pair, 16));
    this.#is = is;
    this.stored = is.credentials ?? null;
    this.node = this.#make();
    this.start(nowMs);
  }

  #make(): Node {
    this.#boot += 1;
    const { setupKey = SETUP_KEY, nodeKey = this.nodeKey } = this.#is;
    return new Node({
      mac: this.mac,
      chip: 'esp32',
      runtime: '1.26.0',
      firmware: 'test',
      reset: 'power-on',
      identity: {
        name: `node ${this.key.slice(-2)}`,
        zone: 'hall',
        nodeKey,
        setupKey,
        consoleKey: null,
      },
      credentials: this.stored,
      boot: this.#boot,
      adminCounter: this.numbers.get('admin_n') ?? 0,
      deliveryCounter: this.numbers.get('deliv_n') ?? 0,
      channel: this.numbers.get('channel') ?? 0,
      crypto: v8Crypto,
    });
  }

  get nodeKey(): Uint8Array {
    return v8Crypto.sha256(this.mac);
  }

  start(nowMs: number): void {
    this.#startedAtMs = nowMs;
    this.node.start(0);
  }

  /** Power off and on: everything but what was stored is gone. */
  reset(nowMs: number): void {
    this.channel = 0;
    this.peer = '';
    this.secrets = '';
    this.node = this.#make();
    this.start(nowMs);
  }

  ms(nowMs: number): number {
    return nowMs - this.#startedAtMs;
  }

  events(name: string): Line[] {
    return this.lines.filter((line) => line['t'] === 'event' && line['event'] === name);
  }
}

export class AirBench {
  nowMs = 0;
  readonly boards: AirBoard[] = [];
  /** How often each receiver gets a frame: 0 lost, 2 doubled. */
  copies: (flying: Flying, to: AirBoard) => number = () => 1;
  /** Frames of one moment arrive in reverse order. */
  reversed = false;
  readonly sent: Flying[] = [];
  #flying: Flying[] = [];
  #id = 100;

  add(is: BenchBoard = {}): AirBoard {
    const board = new AirBoard(this.boards.length + 1, is, this.nowMs);
    this.boards.push(board);
    return board;
  }

  ask(board: AirBoard, type: string, fields: Line, signer: ConsoleSigner | null = null): Line {
    const seen = board.lines.length;
    const id = (this.#id += 1);
    const line = encodeRequestLine({ t: type, id, ...fields }, signer, id)!;
    board.node.receiveLine(line.slice(1, -1), board.ms(this.nowMs));
    this.#drain(board);
    return board.lines.slice(seen).find((one) => one['t'] === 'answer') ?? {};
  }

  press(board: AirBoard): void {
    board.node.press(board.ms(this.nowMs));
  }

  #drain(board: AirBoard): void {
    for (;;) {
      const output = board.node.poll(board.ms(this.nowMs));
      if (output === null) return;
      if (output.kind === 'line') {
        board.lines.push(JSON.parse(fromUtf8(output.bytes.subarray(1))) as Line);
      } else if (output.kind === 'radio') board.channel = output.channel;
      else if (output.kind === 'peer') {
        board.peer = output.to;
        board.secrets = toHex(output.secrets);
        if (output.to !== '') board.peers.push(`${output.to} ${output.secrets.length}`);
      } else if (output.kind === 'frame') this.#send(board, output);
      else if (output.kind === 'number') board.numbers.set(output.key, output.value);
      else if (output.kind === 'led') board.patterns.push(output.pattern);
      else if (output.kind === 'credentials') {
        board.writes += 1;
        if (board.canStore) board.stored = output.bytes.slice();
        board.node.stored(output.bytes, board.canStore, board.ms(this.nowMs));
      }
    }
  }

  #send(from: AirBoard, frame: NodeFrame): void {
    if (frame.bytes.length === 0 || frame.bytes.length > 250)
      throw new Error('a frame of bad size');
    if (frame.to !== '' && frame.to !== from.peer) return; // the driver knows no such peer
    const secrets = frame.to === '' ? '' : from.secrets;
    const flying = { from, frame, secrets, channel: from.channel };
    this.sent.push(flying);
    this.#flying.push(flying);
  }

  advance(ms: number, each: () => void = () => undefined): void {
    for (const endMs = this.nowMs + ms; this.nowMs < endMs;) {
      this.nowMs += 10;
      const arriving = this.reversed ? this.#flying.reverse() : this.#flying;
      this.#flying = [];
      for (const flying of arriving) this.#deliver(flying);
      for (const board of this.boards) {
        board.node.tick(board.ms(this.nowMs));
        this.#drain(board);
      }
      each();
    }
  }

  #deliver(flying: Flying): void {
    for (const to of this.boards) {
      if (to === flying.from || to.channel !== flying.channel) continue;
      if (flying.frame.to !== '' && flying.frame.to !== to.key) continue;
      const expected = flying.frame.to !== '' && to.peer === flying.from.key ? to.secrets : '';
      if (expected !== flying.secrets) continue; // acknowledged by the radio, dropped without a word
      const copies = this.copies(flying, to);
      for (let copy = 0; copy < copies; copy += 1) {
        to.node.receiveFrame(flying.from.key, -50, flying.frame.bytes, to.ms(this.nowMs));
      }
    }
  }

  until(done: () => boolean, limitMs: number): boolean {
    for (const endMs = this.nowMs + limitMs; this.nowMs < endMs && !done();) this.advance(10);
    return done();
  }
}
