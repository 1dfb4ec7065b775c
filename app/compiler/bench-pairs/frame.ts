export interface Frame {
  kind: number;
  origin: string;
  sequence: number;
  payload: Uint8Array;
}

const HEADER = 12;

export function encode(frame: Frame): Uint8Array {
  const bytes = new Uint8Array(HEADER + frame.payload.length);
  const view = new DataView(bytes.buffer);
  view.setUint8(0, 1);
  view.setUint8(1, frame.kind);
  for (let i = 0; i < 6; i++) {
    view.setUint8(2 + i, parseInt(frame.origin.slice(2 * i, 2 * i + 2), 16));
  }
  view.setUint32(8, frame.sequence, true);
  bytes.set(frame.payload, HEADER);
  return bytes;
}

export function decode(bytes: Uint8Array): Frame | null {
  if (bytes.length < HEADER || bytes[0] !== 1) return null;
  let origin = '';
  for (let i = 2; i < 8; i++) origin += (bytes[i] as number).toString(16).padStart(2, '0');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    kind: bytes[1] as number,
    origin,
    sequence: view.getUint32(8, true),
    payload: bytes.slice(HEADER),
  };
}

export function run(): number {
  let sum = 0;
  for (let i = 0; i < 30; i++) {
    const bytes = encode({
      kind: i,
      origin: '240ac4000001',
      sequence: 1000 + i,
      payload: new Uint8Array([1, 2, i]),
    });
    const frame = decode(bytes);
    if (frame !== null && frame.origin === '240ac4000001') {
      sum += frame.kind + frame.sequence + frame.payload.length;
    }
  }
  return sum;
}
