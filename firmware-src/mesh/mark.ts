/**
 * The state of one node (who, which start, below whom; tails of MACs, 0 for none) as 15 bits; the sum of all is a view's digest. Squaring modulo a
 * prime keeps sums from cancelling when nodes swap places, and products stay below 2^30. Never 0.
 */
export function stateMark(tail: number, boot: number, parentTail: number): number {
  const mixed =
    ((tail & 0xffff) * 31 +
      ((tail & 0xff0000) >> 16) * 1009 +
      (boot & 0xffff) * 577 +
      (parentTail & 0xffff) * 257 +
      ((parentTail & 0xff0000) >> 16) * 6151) %
    32749;
  return ((mixed * mixed + 3 * mixed) % 32749) + 1;
}
