import { describe, expect, it } from 'vitest';
import { bytesToHex, toBase64Url } from '../base/bytes.ts';
import type { NodeFile } from './files.ts';
import {
  networkFromJson,
  networkToJson,
  nodeFromJson,
  nodeRecordFromJson,
  nodeRecordToJson,
  nodeToJson,
} from './files.ts';
import type { NetworkRecord, NodeRecord } from './record.ts';
import {
  confirmJoined,
  markFlashed,
  markLost,
  markRevoked,
  markSeen,
  newNetwork,
  newNode,
} from './record.ts';
import { upgrade } from './upgrade.ts';

const MAC = '24:0a:c4:00:00:01';
const network = (): NetworkRecord =>
  newNetwork(
    { name: 'Haus', zones: ['küche', 'hof'], router: { ssid: 'home', password: 'sesame street' } },
    5,
  );
const node = (others: NodeRecord[] = [], name = 'lamp'): NodeRecord =>
  newNode({ name, zone: 'küche' }, others, 6);
const codeOf = (action: () => unknown): string => {
  try {
    action();
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
  return 'none';
};

describe('rules', () => {
  it.each([
    ['', 'name-empty'],
    ['  ', 'name-empty'],
    ['a\u0007b', 'name-characters'],
    ['x'.repeat(33), 'name-too-long'],
    ['ü'.repeat(17), 'name-too-long'],
    ['Lamp', 'name-taken'],
    ['lämp', 'none'],
    ['ü'.repeat(16), 'none'],
  ])('a node called "%s" gives %s', (name, code) => {
    expect(codeOf(() => node([node()], name))).toBe(code);
  });
  it.each([
    ['', 'zone-invalid'],
    ['Küche', 'zone-invalid'],
    ['first floor', 'zone-invalid'],
    ['x'.repeat(33), 'zone-invalid'],
    ['first-floor', 'none'],
    ['küche', 'none'],
  ])('a zone called "%s" gives %s', (zone, code) => {
    expect(codeOf(() => newNode({ name: 'a', zone }, [], 0))).toBe(code);
  });
  it('say what is wrong, and with whom', () => {
    const other = { ...node(), mac: MAC };
    expect(() => newNode({ name: 'b', zone: 'x', mac: MAC }, [other], 0)).toThrow(
      `The board ${MAC} already belongs to the node "lamp".`,
    );
    expect(codeOf(() => newNode({ name: 'b', zone: 'x', mac: '24:0A:C4:00:00:01' }, [], 0))).toBe(
      'mac-invalid',
    );
    expect(codeOf(() => newNetwork({ name: 'n', channel: 14 }, 0))).toBe('channel-invalid');
    expect(
      codeOf(() => newNetwork({ name: 'n', router: { ssid: 's', password: 'short' } }, 0)),
    ).toBe('router-invalid');
  });
});

describe('the life of a node', () => {
  const facts = { mac: MAC, chip: 'esp32', firmware: '0.1.0+1' };
  const proof = (of: NetworkRecord): Parameters<typeof confirmJoined>[2] => ({
    mac: MAC,
    networkId: of.id,
    firmware: '0.1.0+1',
    transcript: 'ab'.repeat(32),
  });
  it('goes from planned over flashed to joined, seen and lost, with its history', () => {
    const home = network();
    let each = markFlashed(node(), facts, 10);
    expect(each).toMatchObject({ state: 'flashed', mac: MAC, chip: 'esp32' });
    each = confirmJoined(home, each, proof(home), 20);
    expect(each).toMatchObject({ state: 'joined', lastSeenMs: 20 });
    each = markLost(markSeen(each, 30), 40);
    expect(each).toMatchObject({ state: 'lost', lastSeenMs: 30 });
    expect(markSeen(each, 50).state).toBe('seen');
    expect(each.history.map((entry) => entry.what.split(' ')[0]!.replace(',', ''))).toEqual([
      'planned',
      'flashed',
      'joined',
      'lost',
    ]);
  });
  it('is never joined by the proof of another board or network', () => {
    const home = network();
    const flashed = markFlashed(node(), facts, 10);
    expect(() => confirmJoined(network(), flashed, proof(home), 20)).toThrow();
    const other = { ...flashed, mac: '24:0a:c4:00:00:02' };
    expect(() => confirmJoined(home, other, proof(home), 20)).toThrow();
  });
  it('is not changed in state by being heard while planned, flashed or revoked', () => {
    const flashed = markFlashed(node(), facts, 10);
    for (const each of [node(), flashed, markRevoked(flashed, 11)]) {
      expect(markSeen(each, 20).state).toBe(each.state);
    }
  });
  it('revoked has another key', () => {
    const each = node();
    expect(markRevoked(each, 1).nodeKey).not.toEqual(each.nodeKey);
  });
});

describe('files', () => {
  const file = (): NodeFile => {
    const home = network();
    return {
      node: node(),
      networkId: home.id,
      setupKey: home.keys.setupKey,
      credentials: new Uint8Array([1, 2, 3]),
    };
  };
  it('come back as they were', () => {
    const home = network();
    expect(networkFromJson(networkToJson(home))).toEqual(home);
    const each = file();
    expect(nodeFromJson(nodeToJson(each))).toEqual(each);
    expect(nodeRecordFromJson(nodeRecordToJson(each.node))).toEqual(each.node);
  });
  it('of the other kind, of a newer program, or no JSON are told apart', () => {
    const text = networkToJson(network());
    expect(() => nodeFromJson(text)).toThrow('not of the format "meshwright-node" but');
    expect(codeOf(() => networkFromJson(text.replace('"schema": 2', '"schema": 3')))).toBe(
      'newer-schema',
    );
    for (const bad of ['', '[]', 'null', '{', '{}']) {
      expect(codeOf(() => networkFromJson(bad))).toBe('file-invalid');
    }
  });
  it('with any field missing or of another type are refused by name, and never quote a secret', () => {
    const each = file();
    const home = network();
    const secrets = [
      home.keys.current.key,
      home.keys.adminKey,
      home.keys.setupKey,
      each.node.nodeKey,
      each.setupKey,
    ].flatMap((key) => [bytesToHex(key), toBase64Url(key)]);
    secrets.push('sesame street');
    let refused = 0;
    const damage = (value: unknown): unknown[] =>
      typeof value !== 'object' || value === null
        ? [undefined, { wrong: value }]
        : [
            undefined,
            'wrong',
            ...Object.keys(value).flatMap((name) =>
              damage((value as Record<string, unknown>)[name]).map((changed) => ({
                ...(value as Record<string, unknown>),
                [name]: changed,
              })),
            ),
          ];
    const readers: [string, (text: string) => unknown][] = [
      [networkToJson(home), networkFromJson],
      [nodeToJson(each), nodeFromJson],
    ];
    for (const [text, read] of readers) {
      const texts = damage(JSON.parse(text)).map((value) => JSON.stringify(value) ?? '');
      for (let size = 0; size < text.length - 1; size += 11) texts.push(text.slice(0, size));
      for (const bad of texts) {
        try {
          read(bad);
        } catch (error) {
          refused++;
          expect(error).toMatchObject({ name: 'FleetError' });
          for (const secret of secrets)
            expect(String((error as Error).stack)).not.toContain(secret);
        }
      }
    }
    expect(refused).toBeGreaterThan(80);
  });
});

describe('schema versions', () => {
  it('are brought up step by step', () => {
    const steps = {
      1: (old: Readonly<Record<string, unknown>>) => ({ ...old, b: old['a'] }),
      2: ({ a, ...rest }: Readonly<Record<string, unknown>>) => ({ ...rest, wasA: a }),
    };
    expect(upgrade({ schema: 1, a: 7 }, 3, steps, 'It')).toEqual({ schema: 3, b: 7, wasA: 7 });
    expect(upgrade({ schema: 3, b: 7 }, 3, steps, 'It')).toEqual({ schema: 3, b: 7 });
    expect(codeOf(() => upgrade({ schema: 4 }, 3, steps, 'It'))).toBe('newer-schema');
    expect(codeOf(() => upgrade({}, 3, steps, 'It'))).toBe('file-invalid');
  });
});
