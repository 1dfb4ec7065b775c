import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesToHex, hexToBytes } from '../../app/base/bytes.ts';
import type { Vector } from './testing/independent.ts';
import { computeVector } from './testing/independent.ts';
import { nodeOptions, Pair, registrarOptions, withNonces } from './testing/pair.ts';

const RUNS = JSON.parse(
  readFileSync(new URL('./vectors/runs.json', import.meta.url), 'utf8'),
) as Vector[];

describe('the published vectors', () => {
  it('are what an independent implementation computes', () => {
    expect(RUNS.length).toBeGreaterThanOrEqual(2);
    for (const run of RUNS) expect(computeVector(run)).toEqual(run);
  });

  it.each(RUNS)('are what both machines send (key kind $keyKind)', (run) => {
    const key = hexToBytes(run.nodeKey);
    const nodeKey = (run.kinds & 1) !== 0 && run.keyKind === 1 ? key : null;
    const setupKey = run.keyKind === 2 ? key : null;
    const mac = hexToBytes(run.mac);
    const pair = new Pair({
      node: nodeOptions({ crypto: withNonces(hexToBytes(run.nodeNonce)), mac, nodeKey, setupKey }),
      registrars: [
        registrarOptions({
          crypto: withNonces(hexToBytes(run.registrarNonce)),
          mac,
          nodeKey,
          setupKey,
          networkId: hexToBytes(run.networkId),
          credentials: hexToBytes(run.credentials),
        }),
      ],
    });
    pair.openAll().run();
    expect(pair.sent.map((sent) => bytesToHex(sent.bytes))).toEqual([
      run.request,
      run.offer,
      run.confirm,
      run.credentialsMessage,
      run.done,
    ]);
    expect(pair.committed.map(bytesToHex)).toEqual([run.credentials]);
    expect(bytesToHex(pair.done.get('node')!.transcript)).toBe(run.transcript);
    expect(bytesToHex(pair.done.get(0)!.transcript)).toBe(run.transcript);
  });
});
