import { CRC_START, crc16 } from './crc.ts';

interface Point {
  readonly x: number;
  readonly y: number;
  readonly label?: string;
}

class Counter {
  #count = 0;
  private readonly step: number;
  constructor(step: number) {
    this.step = step;
  }
  next(): number {
    this.#count += this.step;
    return this.#count;
  }
  get total(): number {
    return this.#count;
  }
}

class Loud extends Counter {
  name = 'loud';
  override next(): number {
    return super.next() * 10;
  }
}

function describe(point: Point, scale = 2): string {
  const { x, y, label = 'none' } = point;
  return `${label}: ${x * scale},${y * scale}`;
}

const counter = new Loud(3);
counter.next();
console.log(counter.next(), counter.total, counter.name);
console.log(describe({ x: 1, y: 2 }), describe({ x: 3, y: 4, label: 'p' }, 5));
const bytes = new Uint8Array([1, 2, 3, 250]);
for (let i = 0; i < bytes.length; i++) bytes[i] = bytes[i] * 3;
const view = bytes.subarray(1, 3);
view[0] = 77;
console.log(bytes[0], bytes[1], bytes[2], bytes[3], view.length);
console.log(crc16(bytes, CRC_START), crc16(new Uint8Array(0)));
console.log(0xffffffff | 0, (1 << 31) >>> 0, -7 % 3, Math.trunc(-7 / 2), ~5, 1 << 33);
const list = [5, 3, 9].map((value) => value + 1).filter((value) => value > 4);
list.sort((a, b) => b - a);
console.log(list.join('-'), list.includes(6), list.length);
const seen = new Map<string, number>();
for (const word of ['z', 'a', 'z', 'q']) seen.set(word, (seen.get(word) ?? 0) + 1);
for (const [word, count] of seen) console.log(word, count);
