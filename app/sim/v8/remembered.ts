/**
 * Functions of the firmware whose result depends on some bytes alone, with a memory for all boards: the tags of frames
 * (remembered-tags.ts), and the texts into which each board turns the addresses of each frame. What they return is what the firmware's
 * own returned for the same bytes the first time.
 */
import { rememberedKeys, rememberedTag } from './remembered-tags.ts';

type ToHex = (bytes: Uint8Array) => string;
type ReadKey = (bytes: Uint8Array, at: number) => string;

/** Addresses remembered; a newer one takes the place of an older one that falls on the same. */
const SLOTS = 2048;

/** Texts by the two halves of an address. */
class Addresses {
  readonly #heads = new Int32Array(SLOTS).fill(-1);
  readonly #tails = new Int32Array(SLOTS);
  readonly #texts = new Array<string>(SLOTS).fill('');

  /** `read` says what is not remembered. */
  text(bytes: Uint8Array, at: number, read: ReadKey): string {
    const head = (bytes[at]! << 16) | (bytes[at + 1]! << 8) | bytes[at + 2]!;
    const tail = (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!;
    const slot = (tail ^ Math.imul(head, 31)) & (SLOTS - 1);
    if (this.#heads[slot] !== head || this.#tails[slot] !== tail) {
      this.#texts[slot] = read(bytes, at);
      this.#heads[slot] = head;
      this.#tails[slot] = tail;
    }
    return this.#texts[slot]!;
  }
}

function rememberedHex(toHex: ToHex): ToHex {
  const addresses = new Addresses();
  const whole: ReadKey = (bytes) => toHex(bytes);
  return (bytes) => (bytes.length === 6 ? addresses.text(bytes, 0, whole) : toHex(bytes));
}

function rememberedKey(readKey: ReadKey): ReadKey {
  const addresses = new Addresses();
  return (bytes, at) =>
    at + 6 <= bytes.length ? addresses.text(bytes, at, readKey) : readKey(bytes, at);
}

/** Modules of the firmware, and those of their functions that are given a memory. */
export const REMEMBERED: Readonly<
  Record<string, Readonly<Record<string, (of: never) => unknown>>>
> = {
  'std/hex.ts': { toHex: rememberedHex },
  'std/hmac.ts': { HmacKey: rememberedKeys },
  'wire/air-frame.ts': { airTag: rememberedTag },
  'wire/cells.ts': { readKey: rememberedKey },
};
