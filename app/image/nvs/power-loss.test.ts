import { expect, it } from 'vitest';
import { utf8 } from '../../base/bytes.ts';
import { parseNvs } from './nvs.ts';
import { NvsStore } from './store.ts';
import type { NvsValue } from './value.ts';

const PowerLoss = class extends Error {};

const name = (text: string): NvsValue => ({ kind: 'blob', bytes: utf8(text) });
const big = (seed: number): NvsValue => ({
  kind: 'blob',
  bytes: Uint8Array.from({ length: 2500 }, (_, i) => (i * seed) & 255),
});

/** Flash that loses power in the middle of write number `after`: half of the bytes of that write still arrive. */
function dyingFlash(start: Uint8Array, after: number): { bytes: Uint8Array; listener: object } {
  const bytes = start.slice();
  let left = after;
  return {
    bytes,
    listener: {
      program(at: number, data: Uint8Array): void {
        const dying = left-- === 0;
        const upTo = dying ? data.length >> 1 : data.length;
        for (let i = 0; i < upTo; i++) bytes[at + i]! &= data[i]!;
        if (dying) throw new PowerLoss();
      },
      erase(at: number, sizeBytes: number): void {
        if (left-- === 0) throw new PowerLoss();
        bytes.fill(0xff, at, at + sizeBytes);
      },
    },
  };
}

/** A partition of three pages that is so full that the next writes have to free a page. */
function nearlyFull(): Uint8Array {
  const store = NvsStore.create(0x3000);
  store.set('mesh', 'node_key', name('the key that must survive 123456'));
  store.set('mesh', 'creds', big(3));
  for (let i = 0; i < 70; i++) store.set('mesh', 'boot', { kind: 'i32', value: i });
  return store.bytes;
}

it('after a cut of power at any write, every key has its old or its new value and the store goes on', () => {
  const start = nearlyFull();
  let died = true;
  let cuts = 0;
  for (let after = 0; died; after++) {
    const flash = dyingFlash(start, after);
    died = false;
    try {
      const store = NvsStore.load(flash.bytes, flash.listener);
      store.set('mesh', 'boot', { kind: 'i32', value: 1000 });
      store.set('mesh', 'creds', big(5));
      for (let i = 0; i < 60; i++) store.set('mesh', 'boot', { kind: 'i32', value: 1001 + i });
      store.set('mesh', 'name', name('late'));
    } catch (error) {
      if (!(error instanceof PowerLoss)) throw error;
      died = true;
      cuts++;
    }
    const again = NvsStore.load(flash.bytes);
    expect(again.get('mesh', 'node_key'), `cut at write ${after}`).toEqual(
      name('the key that must survive 123456'),
    );
    expect([big(3), big(5)], `cut at write ${after}`).toContainEqual(again.get('mesh', 'creds'));
    expect(again.get('mesh', 'boot'), `cut at write ${after}`).toBeDefined();
    again.set('mesh', 'boot', { kind: 'i32', value: 4711 });
    const keys = parseNvs(again.bytes).entries.map((entry) => entry.key);
    expect(new Set(keys).size, `cut at write ${after}`).toBe(keys.length);
  }
  expect(cuts).toBeGreaterThan(100);
});
