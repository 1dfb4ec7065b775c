import { beforeEach, describe, expect, it } from 'vitest';
import type { BoardConsole } from '../console/board-console.ts';
import { openConsole } from '../console/board-console.ts';
import { TestClock } from '../console/testing/test-clock.ts';
import type { NetworkRecord, NodeRecord } from '../fleet/record.ts';
import { confirmJoined, markFlashed, markSeen, newNetwork, newNode } from '../fleet/record.ts';
import { noteTold, startRotation, switchOver } from '../fleet/rotation.ts';
import { decodeCredentials } from '../../firmware-src/wire/credentials.ts';
import { PHASE_ONE_KEY, PHASE_SWITCHED, PHASE_TOLD } from '../../firmware-src/wire/delivery.ts';
import { deliver } from './deliver.ts';
import type { DeliveryProof } from './deliver.ts';
import { identityEntries, nodeFileOf } from './identity.ts';
import { joinBoard } from './session.ts';
import { NodeBoard, withTime } from './testing/node-board.ts';

const MACS = ['24:0a:c4:00:00:01', '24:0a:c4:00:00:03'] as const;

let clock: TestClock;
let network: NetworkRecord;
let nodes: NodeRecord[];
let boards: NodeBoard[];
let console: BoardConsole;

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'resolved',
    (error: { code?: string }) => error.code ?? String(error),
  );
const joinThrough = (): Promise<unknown> =>
  joinBoard(console, { network, node: nodes[1]!, clock, through: true });

function plan(index: number): NodeRecord {
  const node = newNode({ name: `lamp ${index}`, zone: 'hall', mac: MACS[index]! }, [], 0);
  return markFlashed(node, { mac: MACS[index]!, chip: 'esp32', firmware: null }, 1);
}

/** The first board has joined and is plugged in; the second one is keyless, within its reach. */
beforeEach(async () => {
  clock = new TestClock();
  network = newNetwork({ name: 'Haus', router: { ssid: 'home', password: 'sesame street' } }, 0);
  nodes = [plan(0), plan(1)];
  boards = nodes.map(
    (node, i) => new NodeBoard(MACS[i]!, clock, identityEntries(nodeFileOf(network, node))),
  );
  boards[0]!.near = [boards[1]!];
  boards[1]!.near = [boards[0]!];
  console = openConsole(boards[0]!.connect(), { clock });
  for (const board of boards) board.boot();
  await withTime(clock, joinBoard(console, { network, node: nodes[0]!, clock }));
});

async function joinByButton(): Promise<void> {
  boards[0]!.press();
  boards[1]!.press();
  for (let i = 0; i < 200 && boards[1]!.credentials === null; i++) await clock.advance(100);
  expect(boards[1]!.credentials).not.toBeNull();
  await clock.advance(12_000); // until the two are neighbours
}

const send = (): Promise<DeliveryProof> =>
  withTime(clock, deliver(console, { network, node: nodes[1]!, clock }));

describe('a board that is not plugged in', () => {
  it('joins through one that is, once somebody holds its button', async () => {
    const joined = joinBoard(console, { network, node: nodes[1]!, clock, through: true });
    await clock.advance(3000);
    boards[1]!.press();
    const { proof } = await withTime(clock, joined);
    expect(proof).toMatchObject({ mac: MACS[1], networkId: network.id });
    expect(decodeCredentials(boards[1]!.credentials!)).toMatchObject({ name: 'lamp 1' });
    expect(decodeCredentials(boards[1]!.credentials!)?.consoleKey).not.toBeNull();
    expect(confirmJoined(network, nodes[1]!, proof, 5).state).toBe('joined');
  });

  it('does not join when nobody holds its button, or another board answers', async () => {
    expect(await codeOf(withTime(clock, joinThrough()))).toBe('no-answer');
    nodes[1] = { ...nodes[1]!, mac: '24:0a:c4:00:00:09' };
    const other = joinThrough();
    boards[1]!.press();
    expect(await codeOf(withTime(clock, other))).toBe('no-answer');
    expect(boards[1]!.credentials).toBeNull();
  });

  it('says wrong-key when it has the identity of another node', async () => {
    nodes[1] = { ...nodes[1]!, nodeKey: new Uint8Array(32).fill(9) };
    const joined = joinThrough();
    await clock.advance(1000);
    boards[1]!.press();
    expect(await codeOf(withTime(clock, joined))).toBe('wrong-key');
  });

  it('needs a joined board on the cable, and an address', async () => {
    await console.close();
    console = openConsole(boards[1]!.connect(), { clock });
    expect(await codeOf(withTime(clock, joinThrough()))).toBe('no-carrier');
    await console.close();
    console = openConsole(boards[0]!.connect(), { clock });
    nodes[1] = { ...nodes[1]!, mac: null };
    expect(await codeOf(withTime(clock, joinThrough()))).toBe('no-address');
  });
});

describe('a node that another board admitted', () => {
  it('is no member of the fleet for being heard, and becomes one by the receipt that only it can make', async () => {
    await joinByButton();
    expect(markSeen(nodes[1]!, 5).state).toBe('flashed');
    expect(decodeCredentials(boards[1]!.credentials!)?.consoleKey).toBeNull();
    const proof = await send();
    expect(confirmJoined(network, nodes[1]!, proof, 6).state).toBe('joined');
    expect(decodeCredentials(boards[1]!.credentials!)).toMatchObject({ name: 'lamp 1' });
    expect(decodeCredentials(boards[1]!.credentials!)?.consoleKey).not.toBeNull();
  });

  it('obeys the laptop on its own cable before that, for its identity brought the console key', async () => {
    await joinByButton();
    await console.close();
    console = openConsole(boards[1]!.connect(), { clock });
    const joined = joinBoard(console, { network, node: nodes[1]!, clock });
    expect((await withTime(clock, joined)).proof.mac).toBe(MACS[1]);
  });
});

describe('new keys over the air', () => {
  it('are told, switched to and shown by receipts; nothing secret is on the line', async () => {
    await joinByButton();
    network = startRotation(network, [], 10);
    const told = await send();
    expect(told).toMatchObject({ epoch: 2, phase: PHASE_TOLD });
    network = noteTold(network, nodes[1]!.id, told.epoch);
    expect(network.rotation?.told).toEqual([nodes[1]!.id]);
    await withTime(clock, deliver(console, { network, node: nodes[0]!, clock }));
    network = switchOver(network);
    expect(await send()).toMatchObject({ epoch: 2, phase: PHASE_SWITCHED });
    await clock.advance(140_000);
    expect(decodeCredentials(boards[1]!.credentials!)?.previous).toBeNull();
    expect(await send()).toMatchObject({ epoch: 2, phase: PHASE_ONE_KEY });
    const lines = boards[0]!.traffic.join('\n');
    for (const key of [network.keys.current.key, network.keys.setupKey, nodes[1]!.nodeKey]) {
      expect(lines).not.toContain(Buffer.from(key).toString('base64url'));
    }
  }, 60_000);

  it('a node that is off gives no receipt, and nothing counts as told', async () => {
    await joinByButton();
    network = startRotation(network, [], 10);
    boards[1]!.powerOff();
    expect(await codeOf(send())).toBe('no-receipt');
  });

  it('a node that is being revoked gets them on no way: not over the air, not through another, not on its cable', async () => {
    await joinByButton();
    const before = boards[1]!.credentials;
    network = startRotation(network, [nodes[1]!.id], 10);
    const cable = openConsole(boards[1]!.connect(), { clock });
    for (const way of [
      send,
      joinThrough,
      () => joinBoard(cable, { network, node: nodes[1]!, clock }),
    ])
      expect(await codeOf(withTime(clock, way()))).toBe('being-revoked');
    expect(boards[1]!.credentials).toEqual(before);
  });

  it('a receipt of another node, or for another delivery, counts for nothing', async () => {
    await joinByButton();
    nodes[1] = { ...nodes[1]!, nodeKey: new Uint8Array(32).fill(9) };
    expect(await codeOf(send())).toBe('no-receipt');
  });

  it('lost lines and doubled requests make it slower, not wrong', async () => {
    await joinByButton();
    network = startRotation(network, [], 10);
    let count = 0;
    boards[0]!.passes = () => (count += 1) % 5 !== 0;
    expect(await send()).toMatchObject({ epoch: 2 });
  });
});
