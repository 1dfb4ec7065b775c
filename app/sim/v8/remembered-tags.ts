/**
 * Tags of frames, with a memory for all boards of the V8 engine: a frame's sender and each of its receivers make the same one of the
 * same bytes under the same key. Equal keys are one object for all boards, so that a key is known by its identity.
 */
import { bytesToHex } from '../../base/bytes.ts';

type Tag = (key: object, bytes: Uint8Array) => Uint8Array;
type KeyClass = new (crypto: unknown, key: Uint8Array) => object;

/** Frames remembered; all receivers of one read it within some 20 ms, in which a forming field of 400 sends about 50 others. */
const SLOTS = 128;
/** The longest frame of ESP-NOW, and a place for each. */
const MOST_BYTES = 250;
const PLACE_BYTES = 256;
/** The frame's own copy of the tag (wire/air-frame.ts): no part of what it covers. */
const TAG_AT = 16;
const TAG_END = 24;
/** Before it and its counter, the last byte of which tells most frames apart. */
const ORIGIN_AT = 9;
const SEQUENCE_AT = 13;
/** Keys kept; there are as many as networks and epochs, and some of each handshake. */
const MOST_KEYS = 256;

/** Not to be changed: the next one who asks gets the same. */
export function rememberedTag(airTag: Tag): Tag {
  const frames = new Uint8Array(SLOTS * PLACE_BYTES);
  const sizes = new Uint8Array(SLOTS);
  const keys = new Array<object | undefined>(SLOTS).fill(undefined);
  const tags = new Array<Uint8Array>(SLOTS).fill(new Uint8Array(0));
  const holds = (place: number, bytes: Uint8Array): boolean => {
    for (let i = 0; i < TAG_AT; i++) if (frames[place + i] !== bytes[i]) return false;
    for (let i = TAG_END; i < bytes.length; i++) if (frames[place + i] !== bytes[i]) return false;
    return true;
  };
  return (key, bytes) => {
    const size = bytes.length;
    if (size < TAG_END || size > MOST_BYTES) return airTag(key, bytes);
    const slot = (bytes[ORIGIN_AT]! * 31 + bytes[SEQUENCE_AT]!) & (SLOTS - 1);
    const place = slot * PLACE_BYTES;
    if (keys[slot] === key && sizes[slot] === size && holds(place, bytes)) return tags[slot]!;
    const tag = airTag(key, bytes);
    frames.set(bytes, place);
    sizes[slot] = size;
    keys[slot] = key;
    tags[slot] = tag;
    return tag;
  };
}

/** One object for all who make one of equal bytes. What it is made with, the board's SHA-256, is the same for all. */
export function rememberedKeys(HmacKey: KeyClass): KeyClass {
  const known = new Map<string, object>();
  return class {
    constructor(crypto: unknown, key: Uint8Array) {
      const name = bytesToHex(key);
      let one = known.get(name);
      if (!one) {
        if (known.size >= MOST_KEYS) known.clear();
        one = new HmacKey(crypto, key);
        known.set(name, one);
      }
      return one;
    }
  };
}
