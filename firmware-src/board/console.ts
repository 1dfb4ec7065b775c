import { bytes } from 'builtins';
import { POLLIN, poll } from 'select';
import { stdin, stdout } from 'sys';
import { BYTE_ENDS_FRAME, HOST_LINE_BYTES, LineReader } from '../wire/console-line.ts';

/** Bytes taken in one step: reading one costs a poll and a read, because reading more would block. */
const BYTES_A_STEP = 48;

/** The runtime's console as a stream of frames. Never waits for input; output is one write a line. */
export class BoardConsole {
  private readonly poller: poll = new poll();
  private readonly reader: LineReader = new LineReader(HOST_LINE_BYTES);

  constructor() {
    this.poller.register(stdin, POLLIN);
  }

  /** The next whole frame, or null when none is complete yet. */
  readFrame(): Uint8Array | null {
    for (let i = 0; i < BYTES_A_STEP; i += 1) {
      if (this.poller.poll(0).length === 0) return null;
      const byte = stdin.buffer.read(1)[0];
      if (this.reader.push(byte) === BYTE_ENDS_FRAME) return this.reader.frame().slice();
    }
    return null;
  }

  /** `line` ends in a line feed. USB-Serial-JTAG stalls on writes of whole 64-byte packets, so those get one more. */
  write(line: Uint8Array): void {
    if (line.length % 64 !== 0) {
      stdout.buffer.write(line);
      return;
    }
    const padded = new Uint8Array(line.length + 1);
    padded.set(line);
    padded[line.length] = 10;
    stdout.buffer.write(bytes(padded));
  }
}
