import { readU24, writeU24 } from '../wire/cells.ts';
import { MacIndex } from '../mesh/mac-index.ts';

const BYTES = 6;
const STEP = 16;

/** For each origin a counter that its next frame must exceed: boot u24, sequence u24, in one array. Kept for good. */
export class Floors {
  private readonly most: number;
  private readonly index: MacIndex = new MacIndex();
  private bytes: Uint8Array = new Uint8Array(STEP * BYTES);

  constructor(most: number) {
    this.most = most;
  }

  /** -1 when nothing was let in from this origin yet. */
  find(origin: string): number {
    return this.index.findKey(origin);
  }

  /** -1 when there are too many. */
  add(origin: string): number {
    const floor = this.index.size();
    if (floor >= this.most || !this.index.set(origin, floor)) return -1;
    if (floor * BYTES >= this.bytes.length) {
      const grown = new Uint8Array(this.bytes.length + STEP * BYTES);
      grown.set(this.bytes, 0);
      this.bytes = grown;
    }
    return floor;
  }

  boot(floor: number): number {
    return readU24(this.bytes, floor * BYTES);
  }

  sequence(floor: number): number {
    return readU24(this.bytes, floor * BYTES + 3);
  }

  raise(floor: number, boot: number, sequence: number): void {
    writeU24(this.bytes, floor * BYTES, boot);
    writeU24(this.bytes, floor * BYTES + 3, sequence);
  }
}
