import { describe, expect, it } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { mergeNvs, buildNvs, parseNvs } from '../image/nvs/nvs.ts';
import { NvsStore } from '../image/nvs/store.ts';
import { readVector } from '../image/testing/read-vector.ts';
import type { NvsEntry } from '../image/nvs/value.ts';
import { identityOf, restoreIdentity } from './identity.ts';

const mesh = (key: string, value: NvsEntry['value']): NvsEntry => ({
  namespace: 'mesh',
  key,
  value,
});
const blob = (text: string): NvsEntry['value'] => ({ kind: 'blob', bytes: utf8(text) });
const i32 = (value: number): NvsEntry['value'] => ({ kind: 'i32', value });

const BACKUP = [
  mesh('schema', i32(1)),
  mesh('name', blob('lamp')),
  mesh('node_key', blob('k'.repeat(32))),
  mesh('creds', blob('credentials')),
  mesh('boot', i32(70)),
];

function afterRestore(nvs: Uint8Array): NvsStore {
  const { bytes } = restoreIdentity(nvs, BACKUP);
  expect(parseNvs(bytes).problems).toEqual([]);
  return NvsStore.load(bytes);
}

describe('a backed-up identity', () => {
  it('is what the mesh namespace holds, and nothing of other namespaces', () => {
    const other = { namespace: 'wifi', key: 'name', value: blob('x') };
    expect(identityOf(buildNvs([other, ...BACKUP], 0x6000))).toEqual(BACKUP);
    expect(identityOf(buildNvs([other], 0x6000))).toEqual([]);
  });

  it('is empty for erased or broken settings', () => {
    expect(identityOf(new Uint8Array(0x6000).fill(0xff))).toEqual([]);
    expect(identityOf(new Uint8Array(0x6000).fill(0x5a))).toEqual([]);
    expect(identityOf(utf8('no NVS'))).toEqual([]);
  });

  it('comes back on a board that lost everything', () => {
    for (const fill of [0xff, 0x5a]) {
      const store = afterRestore(new Uint8Array(0x6000).fill(fill));
      for (const { key, value } of BACKUP) expect(store.get('mesh', key)).toEqual(value);
    }
    expect(restoreIdentity(new Uint8Array(0x6000).fill(0x5a), BACKUP).replaced).toBe(true);
  });

  it('replaces another membership, keeps foreign settings, and never turns a counter back', () => {
    const { bytes } = mergeNvs(readVector('nvs-rewritten.bin.gz'), {
      set: [
        mesh('name', blob('fan')),
        mesh('creds', blob('another network')),
        mesh('setup_key', blob('s'.repeat(32))),
        mesh('boot', i32(900)),
        mesh('admin_n', i32(12)),
      ],
    });
    const foreign = parseNvs(bytes).entries.filter((entry) => entry.namespace !== 'mesh');
    expect(foreign.length).toBeGreaterThan(0);
    const store = afterRestore(bytes);
    expect(store.get('mesh', 'name')).toEqual(blob('lamp'));
    expect(store.get('mesh', 'creds')).toEqual(blob('credentials'));
    expect(store.get('mesh', 'setup_key')).toBeUndefined();
    expect(store.get('mesh', 'boot')).toEqual(i32(900));
    expect(store.get('mesh', 'admin_n')).toEqual(i32(12));
    for (const { namespace, key, value } of foreign)
      expect(store.get(namespace, key)).toEqual(value);
  });

  it('takes its own counter when the board has a smaller one', () => {
    const store = afterRestore(buildNvs([mesh('boot', i32(3))], 0x6000));
    expect(store.get('mesh', 'boot')).toEqual(i32(70));
  });

  it('leaves out what does not belong to an identity', () => {
    const foreign = [...BACKUP, { namespace: 'wifi', key: 'pass', value: blob('x') }];
    const { bytes } = restoreIdentity(new Uint8Array(0x6000).fill(0xff), foreign);
    expect(NvsStore.load(bytes).get('wifi', 'pass')).toBeUndefined();
  });
});
