/**
 * What happened in a world, one event a line, in the order in which it happened: the same for the same seed, and the same
 * whichever engine runs the boards.
 *
 *   <microseconds> <address> sent <bytes> <crc32>                frame handed to the radio
 *   <microseconds> <address> received <bytes> <crc32> <dBm>      frame handed to the driver (it may still drop it)
 *   <microseconds> <address> wifi <what>                         joined, got ip, lost, gave up, left; station joined, left
 *   <microseconds> <address> nvs <namespace.key> <bytes>         value written
 *   <microseconds> <address> line <bytes> <crc32>                a frame on the console, complete
 *   <microseconds> <address> pin <number> <level>
 *   <microseconds> <address> board <activity>
 *   <microseconds> <address> tree <parent> <root> <role> <hops>  the node's own word about its place changed
 *   <microseconds> world <event>                                 the scenario's, with the numbers of its nodes
 *   0 world node <number> <address> <name>                       first of all: who is who
 *
 * Times are those of the world in whole microseconds; an event inside a turn has the time that the board's own clock had, so
 * times of different boards do not only rise. Console text that is no frame is left out: tracebacks differ between engines.
 */
import { crc32 } from '../base/crc.ts';
import type { VirtualBoard } from './board.ts';
import type { World } from './world.ts';

const RS = 0x1e;
const LF = 0x0a;
const MOST_LINE_BYTES = 4096;

export interface NodePlace {
  parent: string | null;
  root: string | null;
  role: string;
  hops: number;
}

function hex8(value: number): string {
  return value.toString(16).padStart(8, '0');
}

/** Cuts a board's console into frames. */
export class FrameLines {
  readonly #onFrame: (bytes: Uint8Array) => void;
  readonly #line = new Uint8Array(MOST_LINE_BYTES);
  #size = -1;

  /** @param onFrame is given the frame without its mark and its line feed; the bytes are overwritten afterwards */
  constructor(onFrame: (bytes: Uint8Array) => void) {
    this.#onFrame = onFrame;
  }

  push(bytes: Uint8Array): void {
    const line = this.#line;
    let size = this.#size;
    for (let i = 0; i < bytes.length; i++) {
      const byte = bytes[i]!;
      if (byte === RS) size = 0;
      else if (size < 0) continue;
      else if (byte === LF) {
        this.#onFrame(line.subarray(0, size));
        size = -1;
      } else if (size < MOST_LINE_BYTES) line[size++] = byte;
    }
    this.#size = size;
  }
}

export class Trace {
  readonly #world: World;
  readonly #write: (line: string) => void;

  constructor(world: World, write: (line: string) => void) {
    this.#world = world;
    this.#write = write;
    world.listen((event) => {
      const board = world.board(event.mac);
      if (!board) {
        // A router: it has no clock of its own.
        if (event.kind === 'wifi') this.#line(world.queue.nowUs, event.mac, `wifi ${event.text}`);
        return;
      }
      if (event.kind === 'radio') {
        const { payload, way, rssiDbm } = event;
        const end = way === 'sent' ? '' : ` ${rssiDbm}`;
        this.#event(board, `${way} ${payload.length} ${hex8(crc32(payload))}${end}`);
      } else if (event.kind === 'nvs') this.#event(board, `nvs ${event.key} ${event.size}`);
      else if (event.kind === 'wifi') this.#event(board, `wifi ${event.text}`);
      else if (event.kind === 'pin') this.#event(board, `pin ${event.pin} ${event.value}`);
      else this.#event(board, `board ${event.activity}`);
    });
  }

  line(board: VirtualBoard, frame: Uint8Array): void {
    this.#event(board, `line ${frame.length} ${hex8(crc32(frame))}`);
  }

  tree(board: VirtualBoard, { parent, root, role, hops }: NodePlace): void {
    this.#event(board, `tree ${parent ?? '-'} ${root ?? '-'} ${role} ${hops}`);
  }

  world(text: string): void {
    this.#write(`${Math.round(this.#world.queue.nowUs)} world ${text}`);
  }

  #event(board: VirtualBoard, text: string): void {
    this.#line(board.localUs, board.mac, text);
  }

  #line(atUs: number, mac: string, text: string): void {
    this.#write(`${Math.round(atUs)} ${mac} ${text}`);
  }
}
