/** A small seeded generator (xorshift32): the same seed gives the same sequence on every machine. Not for keys. */
export interface SeededRandom {
  /** In [0, 1), 32 bits of resolution. */
  next01(): number;
  /** A whole number in [0, below). */
  int(below: number): number;
  bytes(count: number): Uint8Array<ArrayBuffer>;
}

export function seededRandom(seed: number): SeededRandom {
  // Spread small seeds over the whole state (the finaliser of MurmurHash3); zero would stick.
  let state = Math.imul(seed ^ 0x9e3779b9, 0x85ebca6b) | 0;
  state ^= state >>> 13;
  state = Math.imul(state, 0xc2b2ae35) | 0;
  if (state === 0) state = 0x6d2b79f5;
  const next = (): number => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
  return {
    next01: () => next() / 0x1_0000_0000,
    int: (below) => Math.floor((next() / 0x1_0000_0000) * below),
    bytes: (count) => Uint8Array.from({ length: count }, () => next() & 0xff),
  };
}
