import { bytes } from 'builtins';
import { kbd_intr } from 'micropython';
import { POLLIN, poll } from 'select';
import { stdin, stdout } from 'sys';
import { BreakReader } from '../wire/console-break.ts';
import { BYTE_ENDS_FRAME, HOST_LINE_BYTES, LineReader } from '../wire/console-line.ts';

/** Bytes taken in one step: reading one costs a poll and a read, because reading more would block. */
const BYTES_A_STEP = 64;
/** The UART's transmit buffer holds 128 bytes; what fits into it is written without waiting. */
const BUFFER_BYTES = 126;
/** Bytes of one write: USB-Serial-JTAG stalls on writes of whole 64-byte packets. */
const PIECE_BYTES = 63;
/** What leaves the buffer in a millisecond at 115200 baud. */
const BYTES_A_MS = 11;
const LINES_WAITING = 4;

/**
 * The runtime's console as a stream of frames. Never waits for input, and never for output but in flush(): lines are
 * written in pieces, as fast as a UART takes them, so that the radio is served in between. Nothing comes between the
 * pieces of a line.
 */
export class BoardConsole {
  /** The last readFrame() took bytes: more may be there. */
  reading = false;
  /** Somebody pressed Control-C. */
  stopped = false;
  private readonly poller: poll = new poll();
  /** Of what ends a rest; apart, for what there is to read of the console is asked of the other. */
  private readonly sleeper: poll = new poll();
  private readonly reader: LineReader = new LineReader(HOST_LINE_BYTES);
  private readonly breaks: BreakReader = new BreakReader();
  private readonly lines: Uint8Array[] = [];
  /** Bytes of the first line that are written already. */
  private written = 0;
  private room = BUFFER_BYTES;
  private roomAtMs = 0;

  constructor() {
    this.poller.register(stdin, POLLIN);
    this.sleeper.register(stdin, POLLIN);
    kbd_intr(-1);
  }

  /** Gives the console back to the REPL. */
  release(): void {
    kbd_intr(3);
  }

  /** The next whole frame, or null when none is complete yet. */
  readFrame(nowMs: number): Uint8Array | null {
    this.reading = false;
    for (let i = 0; i < BYTES_A_STEP; i += 1) {
      if (this.poller.poll(0).length === 0) return null;
      this.reading = true;
      const byte = stdin.buffer.read(1)[0];
      if (this.breaks.push(byte, nowMs)) {
        this.stopped = true;
        return null;
      }
      if (this.reader.push(byte) === BYTE_ENDS_FRAME) return this.reader.frame().slice();
    }
    return null;
  }

  /** What comes to this stream ends a rest, too. */
  wakeBy(stream: object): void {
    this.sleeper.register(stream, POLLIN);
  }

  /** Rests until something comes or `ms` have passed (to the next 10 ms tick of the system): the processor sleeps meanwhile. */
  rest(ms: number): void {
    this.sleeper.poll(ms);
  }

  /** No further line should be handed over now. */
  isFull(): boolean {
    return this.lines.length >= LINES_WAITING;
  }

  /** `line` ends in a line feed. */
  write(line: Uint8Array): void {
    this.lines.push(line);
  }

  /** Writes what fits; true while more is waiting. */
  drain(nowMs: number): boolean {
    const passedMs = nowMs - this.roomAtMs;
    this.roomAtMs = nowMs;
    this.room =
      passedMs > 11 ? BUFFER_BYTES : Math.min(BUFFER_BYTES, this.room + passedMs * BYTES_A_MS);
    while (this.lines.length > 0) {
      const size = this.pieceBytes();
      if (size > this.room) return true;
      this.room -= size;
      this.writePiece(size);
    }
    return false;
  }

  /** How long until the buffer has room for what is waiting, or is empty. */
  roomMs(): number {
    const left = this.lines[0].length - this.written;
    const wanted = (left < BUFFER_BYTES ? left : BUFFER_BYTES) - this.room;
    return wanted < BYTES_A_MS ? 1 : Math.floor(wanted / BYTES_A_MS) + 1;
  }

  /** Writes everything, however long it takes. */
  flush(): void {
    while (this.lines.length > 0) this.writePiece(this.pieceBytes());
  }

  private pieceBytes(): number {
    const left = this.lines[0].length - this.written;
    return left < PIECE_BYTES ? left : PIECE_BYTES;
  }

  private writePiece(size: number): void {
    const line = this.lines[0];
    const from = this.written;
    const to = from + size;
    if (to === line.length) {
      this.written = 0;
      this.lines.shift();
    } else this.written = to;
    stdout.buffer.write(bytes(line.subarray(from, to)));
  }
}
