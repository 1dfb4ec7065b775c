import { expect, it } from 'vitest';
import { utf8 } from '../base/bytes.ts';
import { newNetwork, newNode } from '../fleet/record.ts';
import { buildNvs } from '../image/nvs/nvs.ts';
import { heldIdentity } from './held.ts';
import { identityEntries, nodeFileOf } from './identity.ts';

const network = newNetwork({ name: 'Haus' }, 0);
const lamp = newNode({ name: 'lamp', zone: 'kitchen' }, [], 0);
const fan = newNode({ name: 'fan', zone: 'hall' }, [lamp], 0);
const nvsOf = (of = network, node = lamp): Uint8Array =>
  buildNvs(identityEntries(nodeFileOf(of, node)), 0x6000);

it('knows the same node, another one of the network, and another network', () => {
  expect(heldIdentity(nvsOf(), network, lamp)).toEqual({
    kind: 'same',
    name: 'lamp',
    zone: 'kitchen',
  });
  expect(heldIdentity(nvsOf(), network, fan)).toMatchObject({ kind: 'sibling', name: 'lamp' });
  const other = newNetwork({ name: 'Nachbar' }, 0);
  const theirs = newNode({ name: 'gate', zone: 'yard' }, [], 0);
  expect(heldIdentity(nvsOf(other, theirs), network, lamp)).toEqual({
    kind: 'foreign',
    name: 'gate',
    zone: 'yard',
  });
});

it('finds none on a blank board, on one with other settings only, and in garbage', () => {
  const wifi = {
    namespace: 'nvs.net80211',
    key: 'opmode',
    value: { kind: 'u8', value: 1 },
  } as const;
  for (const nvs of [
    new Uint8Array(0x6000).fill(0xff),
    buildNvs([wifi], 0x6000),
    new Uint8Array(0x6000).fill(0x5a),
  ]) {
    expect(heldIdentity(nvs, network, lamp).kind).toBe('none');
  }
});

it('shows a name of strange bytes as harmless text', () => {
  const blob = (key: string, bytes: Uint8Array) => ({
    namespace: 'mesh',
    key,
    value: { kind: 'blob' as const, bytes },
  });
  const name = utf8(`\u001b[31mred\u202e${'x'.repeat(300)}`);
  const nvs = buildNvs([blob('node_key', new Uint8Array(32)), blob('name', name)], 0x6000);
  const held = heldIdentity(nvs, network, lamp);
  expect(held.kind).toBe('foreign');
  expect(held.name).toMatch(/^\[31mredx+$/);
  expect(held.name.length).toBeLessThan(65);
});
