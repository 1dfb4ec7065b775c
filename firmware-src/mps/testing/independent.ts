/**
 * MPS once more, straight from the drawings, with Node's own crypto and Buffers: shares no code with the machines.
 * Makes and checks the published vectors.
 */
import { createCipheriv, createHash, createHmac, hkdfSync } from 'node:crypto';

export interface VectorInput {
  readonly nodeKey: string;
  readonly keyKind: number;
  readonly kinds: number;
  readonly mac: string;
  readonly networkId: string;
  readonly nodeNonce: string;
  readonly registrarNonce: string;
  readonly credentials: string;
}
export interface Vector extends VectorInput {
  readonly request: string;
  readonly offer: string;
  readonly confirm: string;
  readonly credentialsMessage: string;
  readonly done: string;
  readonly transcript: string;
}

const sha256 = (...parts: Buffer[]): Buffer =>
  createHash('sha256').update(Buffer.concat(parts)).digest();

/** Bit by bit, from the polynomial. */
function crc16(bytes: Buffer): Buffer {
  let sum = 0xffff;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      const top = (sum >> 15) ^ ((byte >> bit) & 1);
      sum = ((sum << 1) & 0xffff) ^ (top === 1 ? 0x1021 : 0);
    }
  }
  return Buffer.from([sum >> 8, sum & 0xff]);
}

export function computeVector(input: VectorInput): Vector {
  const hex = (text: string): Buffer => Buffer.from(text, 'hex');
  const nodeNonce = hex(input.nodeNonce);
  const registrarNonce = hex(input.registrarNonce);
  const marks = Buffer.concat([nodeNonce.subarray(0, 4), registrarNonce.subarray(0, 4)]);
  const header = (type: number): Buffer => Buffer.concat([Buffer.from([0x4d, 1, type]), marks]);

  const request = Buffer.concat([
    Buffer.from([0x4d, 1, 1]),
    nodeNonce.subarray(0, 4),
    Buffer.alloc(4),
    Buffer.from([input.kinds, 1]),
    hex(input.mac),
    nodeNonce,
  ]);
  const t1 = sha256(request);
  const offerBeforeTag = Buffer.concat([
    header(2),
    Buffer.from([input.keyKind]),
    registrarNonce,
    hex(input.networkId),
  ]);
  const label = input.keyKind === 1 ? 'meshwright 1 node proof' : 'meshwright 1 setup proof';
  const proofKey = Buffer.from(
    hkdfSync('sha256', hex(input.nodeKey), Buffer.alloc(0), Buffer.from(`${label}\0`), 32),
  );
  const salt = sha256(t1, offerBeforeTag);
  const key = (purpose: string): Buffer =>
    Buffer.from(hkdfSync('sha256', proofKey, salt, Buffer.from(`meshwright 1 mps ${purpose}`), 32));
  const sealed = (purpose: string, transcript: Buffer, beforeTag: Buffer): Buffer => {
    const mac = createHmac('sha256', key(purpose)).update(transcript).update(beforeTag).digest();
    return Buffer.concat([beforeTag, mac.subarray(0, 16)]);
  };

  const offer = sealed('offer', t1, offerBeforeTag);
  const t2 = sha256(t1, offer);
  const confirm = sealed('confirm', t2, header(3));
  const t3 = sha256(t2, confirm);
  const cipher = createCipheriv('aes-256-ctr', key('cipher'), Buffer.alloc(16));
  const ciphertext = Buffer.concat([cipher.update(hex(input.credentials)), cipher.final()]);
  const credentials = sealed('credentials', t3, Buffer.concat([header(4), ciphertext]));
  const t4 = sha256(t3, credentials);
  const done = sealed('done', t4, header(5));
  const t5 = sha256(t4, done);

  const text = (content: Buffer): string =>
    Buffer.concat([content, crc16(content)]).toString('hex');
  return {
    ...input,
    request: text(request),
    offer: text(offer),
    confirm: text(confirm),
    credentialsMessage: text(credentials),
    done: text(done),
    transcript: t5.toString('hex'),
  };
}
