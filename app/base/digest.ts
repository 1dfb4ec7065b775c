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
