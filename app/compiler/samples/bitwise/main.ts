function mix(a: number, b: number): number {
  return (a ^ b) | (a & b);
}
function rotate(x: number, n: number): number {
  return ((x << n) | (x >>> (32 - n))) >>> 0;
}
const values = [0, 1, -1, 0x7fffffff, -0x80000000, 0xffffffff, 0x123456789, -5, 1000000007];
for (const a of values) {
  console.log(a | 0, a >>> 0, ~a, a << 4, a >> 3, a >>> 3, a & 0xff, a ^ 0x55, a << 31, a >> 31);
  for (const b of [0, 1, 31, 32, 33, -1]) console.log(a << b, a >> b, a >>> b, mix(a, b));
}
console.log(rotate(0x80000001, 1), rotate(0xdeadbeef, 13));
let hash = 0x811c9dc5;
for (const character of 'meshwright') {
  hash ^= character.charCodeAt(0);
  hash = Math.imul(hash, 0x01000193);
}
console.log(hash, hash >>> 0, Math.clz32(1), Math.clz32(0), Math.clz32(hash));
let flags = 0;
flags |= 0x80000000;
console.log(flags);
flags >>>= 4;
flags <<= 2;
flags &= 0xfffffff0;
console.log(flags, ((flags + 1) * 3) & 0xffff);
const bytes = new Uint8Array(4);
bytes[0] = 300;
bytes[1] -= 1;
bytes[2] += 260;
bytes[3] = ~bytes[2];
bytes[0]++;
--bytes[2];
bytes[1] ^= 0x1ff;
bytes[3] <<= 3;
bytes[3] >>= 1;
console.log(bytes[0], bytes[1], bytes[2], bytes[3]);
