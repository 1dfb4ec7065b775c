import { describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { v8Crypto } from '../keys/crypto.ts';
import { toBase64Url } from '../../firmware-src/std/base64url.ts';
import { fromBase64Url } from '../../firmware-src/std/base64url-decode.ts';
import { macBytes } from '../../firmware-src/std/hex.ts';
import { ConsoleSigner, encodeRequestLine } from '../../firmware-src/wire/request-line.ts';
import { decodeCredentials, encodeCredentials } from '../../firmware-src/wire/credentials.ts';
import {
  DELIVERED,
  openReceipt,
  PHASE_SWITCHED,
  PHASE_TOLD,
  type Receipt,
  sealDelivery,
} from '../../firmware-src/wire/delivery.ts';
import { splitParts } from '../../firmware-src/wire/parts.ts';
import { FleetFlash, identityOf, macOf } from './fleet.ts';
import { asBytecode } from './testing/firmware.ts';
import { createWorld } from './world.ts';

const MEMBERS = [0, 1, 2].map((i) => ({ mac: macOf(i), name: `node ${i}`, zone: 'hall' }));

describe('a rotation on virtual boards', () => {
  it('reaches all nodes in bytecode, which answer with their receipts and change over together', async () => {
    const firmware = await asBytecode();
    const world = createWorld({ clock: 'virtual', seed: 1, bootMs: 500 });
    const flash = new FleetFlash(firmware);
    const frames: Record<string, unknown>[] = [];
    const boards = MEMBERS.map((member, i) => {
      const board = world.addBoard({ chip: 'esp32', mac: member.mac, x: 30 * i, y: 0 });
      flash.load(board.flash, member);
      return board;
    });
    let text = '';
    boards[0]!.onConsole = (bytes) => {
      text += fromUtf8(bytes);
      const lines = text.split('\n');
      text = lines.pop()!;
      for (const line of lines) {
        if (line.startsWith('\x1e'))
          frames.push(JSON.parse(line.slice(1)) as Record<string, unknown>);
      }
    };
    for (const board of boards) board.powerOn();
    await world.advance(20_000);

    const entry = (i: number, key: string): Uint8Array => {
      const value = identityOf(MEMBERS[i]!).find((each) => each.key === key)!.value;
      if (value.kind !== 'blob') throw new Error(key);
      return value.bytes;
    };
    const old = decodeCredentials(entry(0, 'creds'))!;
    const signer = new ConsoleSigner(v8Crypto, old.consoleKey!, macBytes(MEMBERS[0]!.mac)!);
    let n = 100;
    const tell = async (to: number, retired: boolean): Promise<Receipt | null> => {
      const has = decodeCredentials(entry(to, 'creds'))!;
      const credentials = encodeCredentials({
        ...has,
        epoch: has.epoch + 1,
        networkKey: sha256(utf8('next')),
        previous: { epoch: has.epoch, key: has.networkKey, retired },
      });
      const mac = macBytes(MEMBERS[to]!.mac)!;
      const key = entry(to, 'node_key');
      const bytes = sealDelivery(v8Crypto, key, mac, (n += 1), v8Crypto.random(8), credentials);
      const seen = frames.length;
      const parts = splitParts(bytes, 48);
      for (const [part, data] of parts.entries()) {
        const fields = { t: 'deliver', id: (n += 1), to: MEMBERS[to]!.mac.replaceAll(':', '') };
        const more = { data: toBase64Url(data), part, parts: parts.length };
        boards[0]!.type(encodeRequestLine({ ...fields, ...more }, signer, n)!);
        await world.advance(200);
      }
      await world.advance(3000);
      const receipt = frames.slice(seen).find((frame) => frame['t'] === 'receipt');
      return receipt
        ? openReceipt(v8Crypto, key, bytes, fromBase64Url(String(receipt['data']))!)
        : null;
    };
    for (const to of [2, 1, 0]) {
      expect(await tell(to, false)).toMatchObject({ status: DELIVERED, phase: PHASE_TOLD });
    }
    expect(await tell(0, true)).toMatchObject({ status: DELIVERED, phase: PHASE_SWITCHED });
    await world.advance(10_000);
    // The others changed over on hearing the first one; this delivery goes under the new key.
    expect(await tell(2, true)).toMatchObject({ status: DELIVERED, phase: PHASE_SWITCHED });
    expect(frames.some((frame) => frame['t'] === 'gone')).toBe(false);
  }, 120_000);
});
