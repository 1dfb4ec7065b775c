import { expect, it } from 'vitest';
import { bytesToHex, toBase64Url } from '../base/bytes.ts';
import { seededRandom } from '../base/random.ts';
import { backupFileName, openBackup, packBackup, sealBackup, unpackBackup } from './backup-file.ts';

const backup = {
  mac: '24:0a:c4:00:00:01',
  chip: 'esp32s3',
  atMs: Date.UTC(2026, 10, 20, 12),
  name: 'lamp-1',
  at: 0x9000,
  bytes: new Uint8Array(seededRandom(3).bytes(0x6000)),
};
const code = (error: unknown): unknown => (error as { code?: string }).code;

it('comes back from its bytes and from its file', async () => {
  expect(unpackBackup(packBackup(backup))).toEqual(backup);
  expect(await openBackup(await sealBackup(backup, 'four blue doors'), 'four blue doors')).toEqual(
    backup,
  );
  expect(backupFileName(backup)).toBe('settings-240ac4000001-2026-11-20.json');
});

it('shows nothing of the settings in its file, and opens for its passphrase alone', async () => {
  const text = await sealBackup(backup, 'four blue doors');
  const key = backup.bytes.subarray(64, 96);
  expect(text).not.toContain('lamp-1');
  for (const secret of [bytesToHex(key), toBase64Url(key)]) expect(text).not.toContain(secret);
  await expect(openBackup(text, 'four blue door')).rejects.toMatchObject({
    code: 'wrong-passphrase',
  });
  // MAC and time in clear are part of what is authenticated.
  const moved = text.replace('00:00:01', '00:00:02');
  await expect(openBackup(moved, 'four blue doors')).rejects.toMatchObject({
    code: 'vault-damaged',
  });
});

it('refuses a broken one in words, wherever it is cut or changed', async () => {
  const packed = packBackup(backup);
  for (const size of [0, 3, 4, 20, 80]) {
    expect(() => unpackBackup(packed.subarray(0, size))).toThrow(/The backup file/);
  }
  const bad = packed.slice();
  bad.fill(0xff, 0, 4);
  expect(() => unpackBackup(bad)).toThrow(/cut short/);
  const text = await sealBackup(backup, 'p');
  for (const broken of [
    '',
    '[]',
    '{}',
    text.replace('"salt"', '"slat"'),
    text.replace(/\d{6}/, '1'),
  ]) {
    const error: unknown = await openBackup(broken, 'p').catch((thrown: unknown) => thrown);
    expect(['file-invalid', 'vault-damaged', 'wrong-passphrase']).toContain(code(error));
  }
});
