const bytes = new Uint8Array(8);
const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
view.setUint16(0, 0x1234, true);
view.setUint16(2, 0x1234);
view.setUint32(4, 0xdeadbeef, true);
console.log(Array.from(bytes).join());
console.log(
  view.getUint16(0, true),
  view.getUint16(0, false),
  view.getUint32(4, true),
  view.getInt32(4, true),
);
console.log(view.getInt16(4, true), view.getInt8(4), view.getUint8(4), view.getUint32(0));
view.setInt32(4, -2, true);
view.setInt8(0, -1);
view.setInt16(2, -3);
console.log(Array.from(bytes).join());
const part = bytes.subarray(2, 6);
part[0] = 9;
part.fill(7, 1, 3);
console.log(bytes[2], bytes[3], part.length, bytes.slice(0, 3).length, part.subarray(1).length);
const whole = new Uint8Array(6);
whole.set(part, 1);
whole.set([255, 256, 257], 3);
whole.set(whole.subarray(0, 3), 1);
console.log(Array.from(whole).join(), whole.indexOf(255), whole.includes(99));
const copied = new Uint8Array(whole);
copied[0] = 200;
console.log(whole[0], copied[0], Uint8Array.of(1, 258)[1], Uint8Array.from([5, 6]).length);
const tail = new DataView(whole.buffer, whole.byteOffset + 2, 4);
tail.setUint8(0, 77);
console.log(
  whole[2],
  tail.byteLength,
  whole.every((b) => b < 256),
  whole.some((b) => b === 77),
);
let out = '';
for (const byte of whole) out += byte.toString(16).padStart(2, '0');
console.log(out, whole.at(-1) ?? 0, whole[50] ?? 'none');
try {
  whole.set([1, 2, 3], 5);
  console.log('no error');
} catch {
  console.log('out of range');
}
const isBytes: unknown = whole;
console.log(isBytes instanceof Uint8Array);
