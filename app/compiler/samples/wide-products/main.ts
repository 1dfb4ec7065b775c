// Products beyond 2^53 lose their lowest bits in JavaScript; generators of random numbers and hashes show it.
let seed = 1;
function next(): number {
  seed = (seed * 1103515245 + 12345) & 0x7fffffff;
  return seed;
}
console.log(next(), next(), next());

let hash = 2166136261;
for (const letter of 'hello') {
  hash ^= letter.charCodeAt(0);
  hash = (hash * 16777619) >>> 0;
}
console.log(hash);
for (const letter of 'world') {
  hash ^= letter.charCodeAt(0);
  hash *= 16777619;
  hash >>>= 0;
}
console.log(hash);

let state = 12345;
for (let i = 0; i < 3; i++) {
  state = (state * 6364136223 + 1442695041) % 4294967296;
  console.log(state);
}

function low(a: number, b: number): number {
  return (a * b + 1) & 0xffff;
}
console.log(low(94906267, 94906267), low(-94906267, 94906269), low(3, 4));
function signed(a: number, b: number): number {
  return (a * b) | 0;
}
console.log(signed(0x7fffffff, 0x7fffffff), signed(-0x80000000, 0x7fffffff), signed(6, -7));

let total = 0;
for (let i = 1; i < 4; i++) total += i * 0x7fffffff * 3;
console.log(total);
