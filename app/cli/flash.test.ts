/** Flashing over a raw TCP bridge, against a virtual chip whose loader listens on a socket. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bytesToHex, utf8 } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { composeRegions, flattenRegions } from '../image/compose.ts';
import { buildNvs } from '../image/nvs/nvs.ts';
import { NvsStore } from '../image/nvs/store.ts';
import type { NvsEntry } from '../image/nvs/value.ts';
import { checkRuntime } from '../runtimes/check.ts';
import { standInRuntime } from '../runtimes/stand-in.ts';
import { createVirtualChip, type VirtualEsp } from '../sim/virtual-chip.ts';
import { done, json, refused } from './testing/run-cli.ts';
import { bridgeToTcp } from './testing/tcp-bridge.ts';

const folder = mkdtempSync(join(tmpdir(), 'meshwright-flash-'));
const at = (name: string): string => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const entry = (key: string, value: NvsEntry['value'], namespace = 'mesh'): NvsEntry => ({
  namespace,
  key,
  value,
});
const blob = (text: string): NvsEntry['value'] => ({ kind: 'blob', bytes: utf8(text) });

function image(chip: 'esp32' | 'esp32c3' = 'esp32'): Uint8Array {
  const check = checkRuntime(standInRuntime(chip));
  if (!check.ok) throw new Error(check.message);
  const identity = [entry('name', blob('lamp')), entry('boot', { kind: 'i32', value: 5 })];
  const modules = [{ name: 'board_main', mpy: new Uint8Array(9000).fill(7) }];
  const flashSizeBytes = 4 << 20;
  const regions = composeRegions({ runtime: check.runtime, flashSizeBytes, identity, modules });
  return flattenRegions(regions, flashSizeBytes);
}

async function withBoard(use: (address: string, chip: VirtualEsp) => Promise<void>): Promise<void> {
  const chip = createVirtualChip({ chip: 'esp32', mac: '24:0a:c4:00:00:10' });
  chip.faults.noAutoReset = true;
  chip.bootButton = true;
  chip.powerOn();
  const bridge = await bridgeToTcp(chip.port);
  try {
    await use(bridge.address, chip);
  } finally {
    await bridge.close();
  }
}

const digest = (bytes: Uint8Array): string => bytesToHex(md5(bytes));

describe('flash', () => {
  writeFileSync(at('flash.bin'), image());
  const to = (address: string, ...more: string[]): string[] => [
    'flash',
    '--connect',
    address,
    '--image',
    at('flash.bin'),
    ...more,
  ];

  it('makes an empty board hold the image, and finds nothing to do the second time', async () => {
    await withBoard(async (address, chip) => {
      const dry = await json<object>(...to(address, '--dry-run'));
      expect(dry).toMatchObject({ ok: true, dryRun: true, mac: chip.mac });
      expect(chip.flash.storedBytes).toBe(0);
      const first = await json<{ written: string[] }>(...to(address));
      expect(first.written).toEqual([
        'partition-table',
        'identity',
        'runtime',
        'firmware',
        'bootloader',
      ]);
      expect(digest(chip.flash.read(0, 4 << 20))).toBe(digest(image()));
      const operations = chip.flash.operations;
      const again = await json<object>(...to(address));
      expect(again).toMatchObject({ written: [], erased: [] });
      expect(chip.flash.operations).toBe(operations);
    });
  });

  it("keeps the board's counters and foreign settings, and wipes an older file system", async () => {
    await withBoard(async (address, chip) => {
      const own = [
        entry('boot', { kind: 'i32', value: 900 }),
        entry('creds', blob('old network')),
        entry('cal_data', blob('calibration'), 'phy'),
      ];
      chip.flash.load(0x9000, buildNvs(own, 0x6000));
      chip.flash.load(0x300000, new Uint8Array(0x2000).fill(0x5a));
      await done(...to(address, '--backup', at('backup.bin')));
      const nvs = NvsStore.load(chip.flash.read(0x9000, 0x6000));
      expect(nvs.get('mesh', 'boot')).toEqual({ kind: 'i32', value: 900 });
      expect(nvs.get('mesh', 'name')).toEqual(blob('lamp'));
      expect(nvs.get('mesh', 'creds')).toBeUndefined();
      expect(nvs.get('phy', 'cal_data')).toEqual(blob('calibration'));
      expect(digest(new Uint8Array(readFileSync(at('backup.bin'))))).toBe(
        digest(buildNvs(own, 0x6000)),
      );
      expect(digest(chip.flash.read(0x200000, 0x200000))).toBe(digest(image().subarray(0x200000)));
      await done(...to(address, '--replace-settings'));
      expect(digest(chip.flash.read(0, 4 << 20))).toBe(digest(image()));
    });
  });

  it('refuses an image for another chip, a file that is none, and a board that does not listen', async () => {
    writeFileSync(at('c3.bin'), image('esp32c3'));
    writeFileSync(at('text.bin'), 'hello');
    await withBoard(async (address, chip) => {
      const args = ['flash', '--connect', address, '--image'];
      expect(await refused(...args, at('c3.bin'))).toContain('for ESP32-C3');
      expect(chip.flash.storedBytes).toBe(0);
      expect(await refused(...args, at('text.bin'))).toContain('text.bin: ');
      chip.bootButton = false;
      chip.reset('run');
      const said = await refused(...to(address, '--attempts', '1'));
      expect(said).toContain('hold BOOT');
    });
    expect(await refused(...to('127.0.0.1:1'))).toContain('cannot connect to 127.0.0.1:1');
  });

  it('says when the bridge goes away, and goes on where it stopped', async () => {
    await withBoard(async (address, chip) => {
      chip.flash.cutPowerAt(12, () => chip.unplug());
      const said = await refused(...to(address));
      expect(said).toMatch(/unplugged|stopped answering/);
      expect(chip.flash.storedBytes).toBeGreaterThan(0);
      chip.plug();
      const bridge = await bridgeToTcp(chip.port);
      await done(...to(bridge.address));
      await bridge.close();
      expect(digest(chip.flash.read(0, 4 << 20))).toBe(digest(image()));
    });
  });
});
