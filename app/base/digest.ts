/** Message digests used by the image formats. One place, so that one folder imports the hash package. */
import { md5 as nobleMd5 } from '@noble/hashes/legacy.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';

/** 32 bytes. FIPS 180-4. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(nobleSha256(bytes));
}

/** 16 bytes. RFC 1321. The flash loader and partition tables use it as a checksum; it protects nothing. */
export function md5(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(nobleMd5(bytes));
}

/** Some milliseconds of work. */
const STEP_BYTES = 256 * 1024;

/** As md5(), for large pieces on a page's own thread, which it hands back between steps. */
export async function md5InSteps(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>> {
  const hash = nobleMd5.create();
  for (let at = 0; at < bytes.length; at += STEP_BYTES) {
    if (at > 0) await new Promise((resolve) => setTimeout(resolve, 0));
    hash.update(bytes.subarray(at, at + STEP_BYTES));
  }
  return new Uint8Array(hash.digest());
}
