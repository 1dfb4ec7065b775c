import { expect, it } from 'vitest';
import { bytesToHex } from '../base/bytes.ts';
import { forgetPreviousKey, newNetworkKeys, newNodeKey, rotateNetworkKey } from './network-keys.ts';

it('makes every secret of a network anew and of the right size', () => {
  const a = newNetworkKeys();
  const b = newNetworkKeys();
  const secrets = [a, b].flatMap((keys) => [keys.current.key, keys.setupKey, keys.adminKey]);
  expect(secrets.map((key) => key.length)).toEqual([32, 32, 32, 32, 32, 32]);
  expect(new Set(secrets.map(bytesToHex)).size).toBe(6);
  expect(a.networkId.length).toBe(8);
  expect(bytesToHex(a.networkId)).not.toBe(bytesToHex(b.networkId));
  expect(bytesToHex(newNodeKey())).not.toBe(bytesToHex(newNodeKey()));
});

it('keeps the old key beside the new one until the grace period ends, and wraps the epoch at 255', () => {
  const first = newNetworkKeys();
  const second = rotateNetworkKey(first);
  expect(second.current.epoch).toBe(2);
  expect(second.previous).toEqual(first.current);
  expect(second.current.key).not.toEqual(first.current.key);
  expect(second.adminKey).toEqual(first.adminKey);
  expect(forgetPreviousKey(second).previous).toBeNull();
  const last = { ...first, current: { epoch: 255, key: first.current.key } };
  expect(rotateNetworkKey(last).current.epoch).toBe(0);
});
