/**
 * A board's settings as they were before it was written, as one run of bytes and as a file that only a passphrase opens.
 *
 *   bytes:  length of the head, 4 bytes little-endian | head, JSON in UTF-8 | the NVS partition
 *   file:   JSON { format, schema, mac, atMs, vault: rounds, salt, check, working key | sealed: the bytes above }
 *
 * MAC and time stand in the file in clear, so that people can tell files apart; everything else is encrypted under a
 * vault of the file's own (fleet/vault.ts).
 */
import { concatBytes, fromUtf8, toBase64Url, utf8 } from '../base/bytes.ts';
import { FleetError } from '../fleet/fleet-error.ts';
import { FieldReader, parseObject } from '../fleet/json-fields.ts';
import { createVault, openVault } from '../fleet/vault.ts';

const FORMAT = 'meshwright-board-backup';
const SCHEMA = 1;
const WHAT = 'The backup file';
/** The largest NVS partition that any table in use has, with room to spare. */
const LARGEST_NVS_BYTES = 0x100000;

export interface BoardBackup {
  readonly mac: string;
  readonly chip: string;
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** Name of the node that the board was; empty when it had none. */
  readonly name: string;
  /** Where the partition lay on flash. */
  readonly at: number;
  /** The whole NVS partition. Secret. */
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export function packBackup(backup: BoardBackup): Uint8Array<ArrayBuffer> {
  const { mac, chip, atMs, name, at, bytes } = backup;
  const head = utf8(JSON.stringify({ schema: SCHEMA, mac, chip, atMs, name, at }));
  const length = new Uint8Array(4);
  new DataView(length.buffer).setUint32(0, head.length, true);
  return concatBytes(length, head, bytes);
}

/** @throws FleetError file-invalid */
export function unpackBackup(packed: Uint8Array): BoardBackup {
  const length =
    packed.length < 4
      ? Infinity
      : new DataView(packed.buffer, packed.byteOffset).getUint32(0, true);
  if (length > packed.length - 4) throw damaged('it is cut short');
  const head = new FieldReader(parseObject(fromUtf8(packed.subarray(4, 4 + length)), WHAT), WHAT);
  head.integer('schema', SCHEMA, SCHEMA);
  const bytes = packed.slice(4 + length);
  if (bytes.length > LARGEST_NVS_BYTES) throw damaged(`it holds ${bytes.length} bytes`);
  return {
    mac: macOf(head),
    chip: head.text('chip'),
    atMs: head.timeMs('atMs'),
    name: head.text('name'),
    at: head.integer('at', 0, 0xffff_ffff),
    bytes,
  };
}

/** @throws FleetError passphrase-empty */
export async function sealBackup(backup: BoardBackup, passphrase: string): Promise<string> {
  const { header, vault } = await createVault(passphrase);
  const sealed = await vault.sealBytes(purpose(backup), packBackup(backup));
  const text = (bytes: Uint8Array): string => toBase64Url(bytes);
  return JSON.stringify(
    {
      format: FORMAT,
      schema: SCHEMA,
      mac: backup.mac,
      atMs: backup.atMs,
      rounds: header.rounds,
      salt: text(header.salt),
      check: text(header.check),
      keyNonce: text(header.workingKey.nonce),
      key: text(header.workingKey.data),
      nonce: text(sealed.nonce),
      data: text(sealed.data),
    },
    null,
    1,
  );
}

/** @throws FleetError file-invalid | wrong-passphrase | vault-damaged */
export async function openBackup(file: string, passphrase: string): Promise<BoardBackup> {
  const parsed = parseObject(file, WHAT);
  if (parsed['format'] !== FORMAT) throw damaged(`expected the format "${FORMAT}"`);
  const fields = new FieldReader(parsed, WHAT);
  fields.integer('schema', SCHEMA, SCHEMA);
  const known = { mac: macOf(fields), atMs: fields.timeMs('atMs') };
  const header = {
    schema: 1 as const,
    rounds: fields.integer('rounds', 1, 0xffff_ffff),
    salt: fields.bytes('salt', null),
    check: fields.bytes('check', null),
    workingKey: { nonce: fields.bytes('keyNonce', null), data: fields.bytes('key', null) },
  };
  const vault = await openVault(header, passphrase);
  const sealed = { nonce: fields.bytes('nonce', null), data: fields.bytes('data', null) };
  return unpackBackup(await vault.openBytes(purpose(known), sealed));
}

/** Tells board and time apart: `settings-240ac4000001-2026-11-20.json`. */
export function backupFileName({ mac, atMs }: Pick<BoardBackup, 'mac' | 'atMs'>): string {
  const day = new Date(atMs).toISOString().slice(0, 10);
  return `settings-${mac.replaceAll(':', '')}-${day}.json`;
}

const purpose = ({ mac, atMs }: Pick<BoardBackup, 'mac' | 'atMs'>): string =>
  `settings of ${mac} at ${atMs}`;

function macOf(fields: FieldReader): string {
  const mac = fields.text('mac');
  if (!/^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/.test(mac)) throw damaged('its MAC address is none');
  return mac;
}

function damaged(why: string): FleetError {
  return new FleetError('file-invalid', `${WHAT} cannot be read: ${why}.`);
}
