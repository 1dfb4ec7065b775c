/**
 * Encryption of the fleet at rest. WebCrypto only; no key of it can be read out of the page.
 *
 *   passphrase --PBKDF2-SHA256, salt, >= 600000 rounds--> 32 bytes --HKDF-SHA256--> wrapping key (AES-256-GCM)
 *                                                              \--HKDF-SHA256--> check, 8 bytes, kept in clear
 *   wrapping key --AES-GCM--> working key, 32 random bytes, imported as non-extractable
 *   working key --AES-GCM, fresh 12-byte nonce, purpose as additional data--> each record
 *
 * The check tells a wrong passphrase from damaged data. The working key never changes, so that a new passphrase
 * re-encrypts 32 bytes, not the fleet. Sources: NIST SP 800-132, SP 800-38D, RFC 5869; OWASP's password storage
 * recommendation for the number of rounds.
 */
import { equalBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { randomBytes } from '../keys/crypto.ts';
import { FleetError } from './fleet-error.ts';

export const LEAST_ROUNDS = 600_000;
const MOST_ROUNDS = 100_000_000;
const SALT_BYTES = 16;
const NONCE_BYTES = 12;
const CHECK_BITS = 64;

export interface Sealed {
  /** 12 bytes. */
  readonly nonce: Uint8Array<ArrayBuffer>;
  /** Ciphertext and 16-byte tag. */
  readonly data: Uint8Array<ArrayBuffer>;
}

/** Public; lies beside the encrypted records. */
export interface VaultHeader {
  readonly schema: 1;
  readonly rounds: number;
  readonly salt: Uint8Array<ArrayBuffer>;
  readonly check: Uint8Array<ArrayBuffer>;
  readonly workingKey: Sealed;
}

const subtle = globalThis.crypto.subtle;
const WRAP = utf8('meshwright vault wrapping key');
const CHECK = utf8('meshwright vault passphrase check');
const WORKING_KEY = utf8('meshwright vault working key');

interface PassphraseKeys {
  readonly wrappingKey: CryptoKey;
  readonly check: Uint8Array<ArrayBuffer>;
}

async function fromPassphrase(
  passphrase: string,
  salt: Uint8Array<ArrayBuffer>,
  rounds: number,
): Promise<PassphraseKeys> {
  if (passphrase === '') throw new FleetError('passphrase-empty', 'Type a passphrase.');
  // The same letters typed on another system must give the same bytes.
  const secret = utf8(passphrase.normalize('NFKC'));
  const material = await subtle.importKey('raw', secret, 'PBKDF2', false, ['deriveBits']);
  const bits = await subtle.deriveBits(
    { name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds },
    material,
    256,
  );
  const root = await subtle.importKey('raw', bits, 'HKDF', false, ['deriveBits', 'deriveKey']);
  const hkdf = (info: Uint8Array<ArrayBuffer>): HkdfParams => ({
    name: 'HKDF',
    hash: 'SHA-256',
    salt: new Uint8Array(0),
    info,
  });
  const aes = { name: 'AES-GCM', length: 256 };
  return {
    wrappingKey: await subtle.deriveKey(hkdf(WRAP), root, aes, false, ['encrypt', 'decrypt']),
    check: new Uint8Array(await subtle.deriveBits(hkdf(CHECK), root, CHECK_BITS)),
  };
}

async function seal(
  key: CryptoKey,
  purpose: Uint8Array<ArrayBuffer>,
  plain: Uint8Array<ArrayBuffer>,
): Promise<Sealed> {
  const nonce = randomBytes(NONCE_BYTES);
  const algorithm = { name: 'AES-GCM', iv: nonce, additionalData: purpose };
  return { nonce, data: new Uint8Array(await subtle.encrypt(algorithm, key, plain)) };
}

async function unseal(
  key: CryptoKey,
  purpose: Uint8Array<ArrayBuffer>,
  sealed: Sealed,
): Promise<Uint8Array<ArrayBuffer>> {
  const algorithm = { name: 'AES-GCM', iv: sealed.nonce, additionalData: purpose };
  try {
    return new Uint8Array(await subtle.decrypt(algorithm, key, sealed.data));
  } catch {
    throw new FleetError(
      'vault-damaged',
      'Stored data of this network cannot be decrypted: it is damaged or belongs elsewhere. Restore a backup.',
    );
  }
}

async function importWorkingKey(bytes: Uint8Array<ArrayBuffer>): Promise<Vault> {
  const key = await subtle.importKey('raw', bytes, 'AES-GCM', false, ['encrypt', 'decrypt']);
  return new Vault(key);
}

async function headerFor(
  workingKey: Uint8Array<ArrayBuffer>,
  passphrase: string,
): Promise<VaultHeader> {
  const salt = randomBytes(SALT_BYTES);
  const { wrappingKey, check } = await fromPassphrase(passphrase, salt, LEAST_ROUNDS);
  const sealed = await seal(wrappingKey, WORKING_KEY, workingKey);
  return { schema: 1, rounds: LEAST_ROUNDS, salt, check, workingKey: sealed };
}

async function unwrap(header: VaultHeader, passphrase: string): Promise<Uint8Array<ArrayBuffer>> {
  if (header.rounds < LEAST_ROUNDS || header.rounds > MOST_ROUNDS) {
    throw new FleetError('vault-damaged', 'The vault of this network has an impossible header.');
  }
  const { wrappingKey, check } = await fromPassphrase(passphrase, header.salt, header.rounds);
  if (!equalBytes(check, header.check)) {
    throw new FleetError(
      'wrong-passphrase',
      'That passphrase does not open this network. Nothing was changed.',
    );
  }
  return unseal(wrappingKey, WORKING_KEY, header.workingKey);
}

export async function createVault(
  passphrase: string,
): Promise<{ header: VaultHeader; vault: Vault }> {
  const workingKey = randomBytes(32);
  const header = await headerFor(workingKey, passphrase);
  const vault = await importWorkingKey(workingKey);
  workingKey.fill(0);
  return { header, vault };
}

/** @throws FleetError wrong-passphrase | vault-damaged */
export async function openVault(header: VaultHeader, passphrase: string): Promise<Vault> {
  const workingKey = await unwrap(header, passphrase);
  const vault = await importWorkingKey(workingKey);
  workingKey.fill(0);
  return vault;
}

/** The header to store instead of the old one; records stay as they are. @throws FleetError as openVault */
export async function changePassphrase(
  header: VaultHeader,
  oldPassphrase: string,
  newPassphrase: string,
): Promise<VaultHeader> {
  const workingKey = await unwrap(header, oldPassphrase);
  const changed = await headerFor(workingKey, newPassphrase);
  workingKey.fill(0);
  return changed;
}

/** An open vault: encrypts and decrypts. */
export class Vault {
  readonly #key: CryptoKey;

  constructor(key: CryptoKey) {
    this.#key = key;
  }

  /** @param purpose what the text is and whose, as in "node 1f/2e"; the same must be said to open it */
  seal(purpose: string, text: string): Promise<Sealed> {
    return seal(this.#key, utf8(purpose), utf8(text));
  }

  /** @throws FleetError vault-damaged */
  async open(purpose: string, sealed: Sealed): Promise<string> {
    return fromUtf8(await this.openBytes(purpose, sealed));
  }

  /** As seal(), for what is not text. */
  sealBytes(purpose: string, bytes: Uint8Array<ArrayBuffer>): Promise<Sealed> {
    return seal(this.#key, utf8(purpose), bytes);
  }

  /** @throws FleetError vault-damaged */
  openBytes(purpose: string, sealed: Sealed): Promise<Uint8Array<ArrayBuffer>> {
    return unseal(this.#key, utf8(purpose), sealed);
  }
}
