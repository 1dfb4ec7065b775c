import { describe, expect, it } from 'vitest';
import { bytesToHex, toBase64Url } from '../base/bytes.ts';
import { openConsole } from '../console/board-console.ts';
import { TestClock } from '../console/testing/test-clock.ts';
import type { NetworkRecord, NodeRecord } from '../fleet/record.ts';
import { newNetwork, newNode } from '../fleet/record.ts';
import { decodeCredentials } from '../../firmware-src/wire/credentials.ts';
import { credentialsFor, identityEntries, nodeFileOf } from './identity.ts';
import type { JoinResult } from './session.ts';
import { joinBoard } from './session.ts';
import { NodeBoard, withTime } from './testing/node-board.ts';

const MAC = '24:0a:c4:00:00:01';

interface Bench {
  clock: TestClock;
  network: NetworkRecord;
  node: NodeRecord;
  board: NodeBoard;
}

function bench(options: { blank?: boolean } = {}): Bench {
  const clock = new TestClock();
  const network = newNetwork(
    { name: 'Haus', channel: 11, router: { ssid: 'home', password: 'sesame street' } },
    0,
  );
  const node = newNode({ name: 'lämp', zone: 'küche', mac: MAC }, [], 0);
  const entries = options.blank === true ? [] : identityEntries(nodeFileOf(network, node));
  return { clock, network, node, board: new NodeBoard(MAC, clock, entries) };
}

async function join(
  b: Bench,
  over: Partial<Parameters<typeof joinBoard>[1]> = {},
  stages: string[] = [],
): Promise<JoinResult> {
  const board = openConsole(b.board.connect(), { clock: b.clock });
  if (b.board.boots === 0) b.board.boot();
  try {
    const { network, node, clock } = b;
    const onStage = (stage: string): void => void stages.push(stage);
    return await withTime(b.clock, joinBoard(board, { network, node, clock, onStage, ...over }));
  } finally {
    await board.close();
  }
}
const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: { code?: string }) => error.code ?? String(error),
  );

describe('joining over the console', () => {
  it('gives the board exactly its credentials, and the proof names board, network and firmware', async () => {
    const b = bench();
    const stages: string[] = [];
    const { proof } = await join(b, {}, stages);
    expect(proof).toMatchObject({ mac: MAC, networkId: b.network.id, firmware: '0.1.0+test' });
    expect(decodeCredentials(b.board.credentials!)).toEqual(credentialsFor(b.network, b.node, MAC));
    expect(stages).toEqual(['hello', 'opening', 'proving', 'delivering', 'joined']);
  });
  it('sends no line over 200 bytes and shows no secret on the line', async () => {
    const b = bench();
    await join(b);
    const lines = b.board.traffic.join('\n');
    for (const line of b.board.traffic)
      expect(new TextEncoder().encode(line).length).toBeLessThan(513);
    const { keys } = b.network;
    for (const key of [b.node.nodeKey, keys.current.key, keys.setupKey, keys.adminKey]) {
      expect(lines).not.toContain(bytesToHex(key));
      expect(lines).not.toContain(toBase64Url(key));
    }
    expect(lines).not.toContain('sesame street');
  });
  it('works again with a board that is joined already, by a tagged request', async () => {
    const b = bench();
    const first = await join(b);
    b.board.boot();
    const changed = { ...b.network, channel: 3 };
    const second = await join(b, { network: changed });
    expect(second.proof.transcript).not.toBe(first.proof.transcript);
    expect(decodeCredentials(b.board.credentials!)!.channel).toBe(3);
    expect(
      b.board.traffic.some((line) => line.includes('"mps.open"') && line.includes('"tag"')),
    ).toBe(true);
  });
  it('survives the loss of any single line, in either direction', async () => {
    const clean = bench();
    await join(clean);
    const count = clean.board.traffic.length;
    expect(count).toBeGreaterThan(12);
    for (let lost = 1; lost < count; lost++) {
      const b = bench();
      let line = 0;
      b.board.passes = () => line++ !== lost;
      const { proof } = await join(b);
      expect(proof.mac).toBe(MAC);
      expect(b.board.credentials).not.toBeNull();
    }
  });
  it('survives a restart of the board after any line', async () => {
    const clean = bench();
    await join(clean);
    const count = clean.board.traffic.length;
    for (let at = 1; at < count; at++) {
      const b = bench();
      let line = 0;
      b.board.passes = () => {
        if (line++ !== at) return true;
        queueMicrotask(() => b.board.boot());
        return false;
      };
      const { proof } = await join(b);
      expect(proof.mac).toBe(MAC);
      expect(decodeCredentials(b.board.credentials!)!.name).toBe('lämp');
    }
  });
});

describe('a join that fails', () => {
  it('names a wrong key, stores nothing, and the right key works after the pause', async () => {
    const b = bench();
    const wrong = { ...b.node, nodeKey: new Uint8Array(32).fill(9) };
    expect(await codeOf(join(b, { node: wrong }))).toBe('wrong-key');
    expect(b.board.credentials).toBeNull();
    await join(b);
    expect(b.board.credentials).not.toBeNull();
  });
  it('names a board without identity, another board, and a silent one', async () => {
    expect(await codeOf(join(bench({ blank: true })))).toBe('no-identity');
    const other = bench();
    expect(await codeOf(join(other, { mac: '24:0a:c4:00:00:02' }))).toBe('wrong-board');
    expect(other.board.traffic.some((line) => line.includes('mps.'))).toBe(false);
    const silent = bench();
    silent.board.passes = (direction) => direction !== 'to host';
    expect(await codeOf(join(silent))).toBe('silent');
  });
  it('names a board of another network, without changing it', async () => {
    const b = bench();
    await join(b);
    const before = b.board.credentials;
    const stranger = newNetwork({ name: 'other' }, 0);
    expect(await codeOf(join(b, { network: stranger }))).toBe('foreign-network');
    expect(b.board.credentials).toEqual(before);
  });
  it('names a board that cannot store, and one that stops answering in the middle', async () => {
    const b = bench();
    b.board.brokenNvs = true;
    expect(await codeOf(join(b))).toBe('commit-failed');
    const dead = bench();
    dead.board.passes = (direction, line) => !(direction === 'to host' && line.includes('"mps"'));
    expect(await codeOf(join(dead))).toBe('no-answer');
    expect(dead.board.credentials).toBeNull();
  });
  it('never ends as joined when only the last word is lost for good; joining again completes it', async () => {
    const b = bench();
    let offers = 0;
    b.board.passes = (direction, line) =>
      direction !== 'to host' || !line.includes('"mps"') || ++offers <= 2;
    expect(await codeOf(join(b))).toBe('timeout');
    expect(b.board.credentials).not.toBeNull();
    b.board.passes = () => true;
    await join(b);
  });
  it('ends at once with the reason of the signal, and with "unplugged" when the cable is out', async () => {
    const b = bench();
    const controller = new AbortController();
    b.board.passes = (_, line) => {
      if (line.includes('"mps.payload"')) controller.abort(new Error('cancelled by hand'));
      return true;
    };
    await expect(join(b, { signal: controller.signal })).rejects.toThrow('cancelled by hand');
    const cut = bench();
    const stream = cut.board.connect();
    const board = openConsole(stream, { clock: cut.clock });
    cut.board.passes = (_, line) => {
      if (line.includes('"mps.payload"')) void stream.close();
      return true;
    };
    cut.board.boot();
    const { network, node, clock } = cut;
    expect(await codeOf(withTime(clock, joinBoard(board, { network, node, clock })))).toBe(
      'unplugged',
    );
  });
  it('says nothing secret in any of its errors', async () => {
    const b = bench();
    const node = { ...b.node, nodeKey: new Uint8Array(32).fill(0xa7) };
    try {
      await join(b, { node });
      expect.unreachable();
    } catch (error) {
      const text = `${String(error)} ${JSON.stringify(error)} ${(error as Error).stack}`;
      const { keys } = b.network;
      for (const key of [node.nodeKey, keys.current.key, keys.setupKey, keys.adminKey]) {
        expect(text).not.toContain(bytesToHex(key));
        expect(text).not.toContain(toBase64Url(key));
      }
    }
  });
});
