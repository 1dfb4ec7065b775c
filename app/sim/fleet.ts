/** Boards of one network, ready to be switched on: what composing and flashing them, and the handshake, would leave on them. */
import { bytesToHex, toBase64Url, utf8 } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { CHIPS } from '../image/chips.ts';
import { firmwareFiles } from '../image/compose.ts';
import type { FirmwareModule } from '../image/compose.ts';
import { buildEspImage } from '../image/esp-image.ts';
import { buildLittleFs } from '../image/littlefs/write.ts';
import { buildNvs } from '../image/nvs/nvs.ts';
import type { NvsEntry } from '../image/nvs/value.ts';
import { buildPartitionTable } from '../image/partition-table.ts';
import { encodeCredentials, type RouterCredentials } from '../../firmware-src/wire/credentials.ts';
import type { FlashChip } from './flash-chip.ts';
import { USUAL_NVS_AT, USUAL_NVS_BYTES } from './firmware-flash.ts';
import type { Program } from './v8/program.ts';

/** The firmware in one of its two shapes. */
export type FleetFirmware =
  | { engine: 'v8'; program: Program }
  | { engine: 'micropython'; modules: readonly FirmwareModule[] };

export interface Member {
  /** Lower case with colons. */
  mac: string;
  name: string;
  zone: string;
  /** It has an identity, but no network yet. */
  keyless?: boolean;
  /** Number of the timing profile; 0, the default one, unless given. */
  timing?: number;
  /** The network's router, as its settings have it. */
  router?: RouterCredentials | null;
}

const CHIP = 'esp32';
const FLASH_BYTES = 4 << 20;
const APP_AT = 0x10000;
const FILES_AT = 0x200000;
/** Of every network of this file: nothing secret, and the same in all runs. */
const NETWORK_ID = Uint8Array.of(0x5a, 1, 2, 3, 4, 5, 6, 7);
const CHANNEL = 6;

/** 24:0a:c4 is Espressif's. */
export function macOf(index: number): string {
  const low = (0x10 + 2 * index).toString(16).padStart(6, '0');
  return `24:0a:c4:${low.slice(0, 2)}:${low.slice(2, 4)}:${low.slice(4)}`;
}

/** What NVS holds of a node that has been flashed and, unless keyless, has joined. Keys follow from the name of what they are for. */
export function identityOf(member: Member): NvsEntry[] {
  const blob = (key: string, bytes: Uint8Array): NvsEntry => ({
    namespace: 'mesh',
    key,
    value: { kind: 'blob', bytes },
  });
  const credentials = encodeCredentials({
    networkId: NETWORK_ID,
    epoch: 1,
    networkKey: keyFor('network'),
    channel: CHANNEL,
    timing: member.timing ?? 0,
    name: '',
    zone: '',
    previous: null,
    consoleKey: keyFor(`console ${member.mac}`),
    setupKey: null,
    router: member.router ?? null,
  });
  return [
    { namespace: 'mesh', key: 'schema', value: { kind: 'i32', value: 1 } },
    blob('name', utf8(member.name)),
    blob('zone', utf8(member.zone)),
    blob('node_key', keyFor(`node ${member.mac}`)),
    blob('setup_key', keyFor('setup')),
    ...(member.keyless ? [] : [blob('creds', credentials)]),
  ];
}

/** The keys of this member and of its network, in each form in which a careless line could show them. */
export function secretsOf(member: Member): string[] {
  const keys = ['network', 'setup', `node ${member.mac}`, `console ${member.mac}`].map(keyFor);
  return keys.flatMap((key) => [bytesToHex(key), toBase64Url(key)]);
}

function keyFor(what: string): Uint8Array {
  return sha256(utf8(`rehearsal ${what}`));
}

/** Flash images of all members; what they have in common is made once. */
export class FleetFlash {
  readonly #firmware: FleetFirmware;
  #common: { at: number; bytes: Uint8Array }[] | undefined;

  constructor(firmware: FleetFirmware) {
    this.#firmware = firmware;
  }

  load(flash: FlashChip, member: Member): void {
    this.#common ??= this.#firmware.engine === 'v8' ? [] : commonParts(this.#firmware.modules);
    for (const { at, bytes } of this.#common) flash.load(at, bytes);
    flash.load(USUAL_NVS_AT, buildNvs(identityOf(member), USUAL_NVS_BYTES));
  }
}

function commonParts(modules: readonly FirmwareModule[]): { at: number; bytes: Uint8Array }[] {
  const { imageChipId, bootloaderAt } = CHIPS[CHIP];
  const image = (text: string): Uint8Array => {
    const bytes = new Uint8Array(512);
    bytes.set(utf8(text), 300);
    return buildEspImage({
      chipId: imageChipId,
      entry: 0x40080000,
      segments: [{ loadAddress: 0x3f400020, bytes }],
    });
  };
  const rows = [
    { type: 1, subtype: 2, at: USUAL_NVS_AT, sizeBytes: USUAL_NVS_BYTES, label: 'nvs', flags: 0 },
    { type: 1, subtype: 1, at: 0xf000, sizeBytes: 0x1000, label: 'phy_init', flags: 0 },
    { type: 0, subtype: 0, at: APP_AT, sizeBytes: 0x1f0000, label: 'factory', flags: 0 },
  ];
  const blockCount = (FLASH_BYTES - FILES_AT) / 4096;
  return [
    { at: bootloaderAt, bytes: image('bootloader') },
    { at: 0x8000, bytes: buildPartitionTable(rows) },
    { at: APP_AT, bytes: image('MicroPython v1.26.0 on 2025-08-09') },
    { at: FILES_AT, bytes: buildLittleFs(firmwareFiles(modules), { blockCount }) },
  ];
}

/** Where a frame came from, as nodes write it: 12 hex digits. */
export function keyOfMac(mac: string): string {
  return mac.replaceAll(':', '');
}
