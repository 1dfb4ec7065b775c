const bytes = new Uint8Array(16);
const v = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
v.setUint32(0, 0xdeadbeef);
v.setUint32(4, 0xdeadbeef, true);
v.setInt16(8, -2);
v.setUint16(10, 65535, true);
v.setInt8(12, -1);
v.setInt32(12, -123456789, true);
console.log(
  bytes.join(),
  v.getUint32(0),
  v.getUint32(0, true),
  v.getInt32(0),
  v.getInt32(0, true),
  v.getUint32(4, true),
);
console.log(
  v.getInt16(8),
  v.getUint16(8),
  v.getInt16(8, true),
  v.getUint16(10),
  v.getInt8(12),
  v.getUint8(12),
  v.getInt32(12, true),
  v.byteLength,
);
const little = bytes.length > 3;
console.log(v.getUint32(0, little), v.getUint16(0, little), v.getInt16(0, !little));
v.setUint8(0, 300);
v.setUint16(1, 70000);
v.setUint32(4, -1);
v.setInt32(8, 4294967295);
console.log(bytes.join());
try {
  v.getUint32(14);
  console.log('no');
} catch (e) {
  console.log(e instanceof RangeError);
}
try {
  v.getUint8(16);
  console.log('no');
} catch (e) {
  console.log(e instanceof RangeError);
}
try {
  v.setUint16(15, 1);
  console.log('no');
} catch (e) {
  console.log(e instanceof RangeError);
}
const part = bytes.subarray(4, 8);
const pv = new DataView(part.buffer, part.byteOffset, part.byteLength);
pv.setUint16(0, 0x0102);
console.log(bytes[4]!, bytes[5]!, pv.getUint16(0));
const buffer = new ArrayBuffer(4);
const dv = new DataView(buffer);
dv.setUint16(1, 0xabcd);
console.log(new Uint8Array(buffer).join(), buffer.byteLength);
