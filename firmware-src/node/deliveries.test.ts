import { describe, expect, it } from 'vitest';
import { v8Crypto } from '../../app/keys/crypto.ts';
import { toBase64Url } from '../std/base64url.ts';
import { fromBase64Url } from '../std/base64url-decode.ts';
import { macText, toHex } from '../std/hex.ts';
import { ConsoleSigner } from '../wire/request-line.ts';
import type { Credentials } from '../wire/credentials.ts';
import { decodeCredentials, encodeCredentials } from '../wire/credentials.ts';
import {
  DELIVERED,
  DELIVERY_NOT_STORED,
  DELIVERY_PAST,
  DELIVERY_REFUSED,
  DELIVERY_STALE,
  openReceipt,
  PHASE_ONE_KEY,
  PHASE_SWITCHED,
  PHASE_TOLD,
  type Receipt,
  sealDelivery,
} from '../wire/delivery.ts';
import { splitParts } from '../wire/parts.ts';
import { FrameGate } from './frame-gate.ts';
import { bytesOf, worldCredentials } from './small-world.ts';
import type { AirBoard } from './testing/air-bench.ts';
import { AirBench } from './testing/air-bench.ts';

const OLD = decodeCredentials(worldCredentials(1, null))!;
const told: Credentials = {
  ...OLD,
  epoch: 2,
  networkKey: bytesOf(32, 2),
  previous: { epoch: 1, key: OLD.networkKey, retired: false },
};
const switched: Credentials = { ...told, previous: { ...told.previous!, retired: true } };
const finished: Credentials = { ...told, previous: null };
const PART_BYTES = 48;

/** A chain: each board hears its neighbours only. */
class Rotation {
  readonly bench = new AirBench();
  readonly boards: AirBoard[];
  #counter = 1000;

  constructor(count: number) {
    this.boards = Array.from({ length: count }, () =>
      this.bench.add({ credentials: worldCredentials(1, null) }),
    );
    this.bench.copies = ({ from }, to) =>
      Math.abs(this.boards.indexOf(from) - this.boards.indexOf(to)) <= 1 ? 1 : 0;
    this.settle();
  }

  settle(): void {
    expect(this.bench.until(() => this.isOneTree(), 40_000)).toBe(true);
  }

  isOneTree(boards: readonly AirBoard[] = this.boards): boolean {
    const roots = new Set(boards.map((board) => board.node.network!.mesh.tree.root));
    return roots.size === 1 && boards.every((board) => board.node.network!.mesh.tree.isPlaced());
  }

  seal(to: AirBoard, credentials: Credentials, counter = (this.#counter += 1)): Uint8Array {
    const nonce = v8Crypto.random(8);
    const text = encodeCredentials(credentials);
    return sealDelivery(v8Crypto, to.nodeKey, to.mac, counter, nonce, text);
  }

  /** Through the console of the first board; the receipt, or null when none came. */
  deliver(to: AirBoard, delivery: Uint8Array, waitMs = 6000): Receipt | null {
    const [first] = this.boards as [AirBoard];
    const signer = new ConsoleSigner(v8Crypto, bytesOf(32, 77), first.mac);
    const seen = first.lines.length;
    splitParts(delivery, PART_BYTES).forEach((bytes, part, all) => {
      const fields = { to: to.key, data: toBase64Url(bytes), part, parts: all.length };
      expect(this.bench.ask(first, 'deliver', fields, signer)).toMatchObject({ ok: true });
    });
    const receipts = (): (Receipt | null)[] =>
      first.lines
        .slice(seen)
        .filter((line) => line['t'] === 'receipt' && line['mac'] === macText(to.mac))
        .map((line) =>
          openReceipt(v8Crypto, to.nodeKey, delivery, fromBase64Url(String(line['data']))!),
        );
    this.bench.until(() => receipts().length > 0, waitMs);
    return receipts()[0] ?? null;
  }

  tell(to: AirBoard, credentials: Credentials): Receipt | null {
    return this.deliver(to, this.seal(to, credentials));
  }
}

/** The epochs under which a board sent within the last moment. */
function epochsOf(rotation: Rotation, board: AirBoard): number[] {
  const { bench } = rotation;
  const from = bench.sent.length;
  bench.advance(4000);
  const mine = bench.sent.slice(from).filter((flying) => flying.from === board);
  expect(mine.length).toBeGreaterThan(0);
  return [...new Set(mine.map(({ frame }) => frame.bytes[3]!))];
}

describe('a rotation of the network key over the air', () => {
  it('reaches every node of a chain, and nobody leaves the tree: told, switched, done', () => {
    const rotation = new Rotation(4);
    const { boards, bench } = rotation;
    const before = boards.map((board) => board.lines.length);
    for (const board of [...boards].reverse()) {
      expect(rotation.tell(board, told)).toMatchObject({
        status: DELIVERED,
        epoch: 2,
        phase: PHASE_TOLD,
      });
    }
    for (const board of boards) expect(epochsOf(rotation, board)).toEqual([1]);
    expect(rotation.tell(boards[0]!, switched)).toMatchObject({ phase: PHASE_SWITCHED });
    bench.advance(15_000);
    for (const board of boards) {
      expect(epochsOf(rotation, board)).toEqual([2]);
      expect(decodeCredentials(board.stored!)?.previous?.retired).toBe(true);
    }
    bench.advance(125_000);
    for (const board of boards) {
      expect(decodeCredentials(board.stored!)?.previous).toBeNull();
      expect(toHex(decodeCredentials(board.stored!)!.networkKey)).toBe(toHex(told.networkKey));
      expect(board.writes).toBe(3);
    }
    expect(rotation.isOneTree()).toBe(true);
    const events = boards.flatMap((board, i) =>
      board.lines
        .slice(before[i])
        .flatMap((line) => (line['t'] === 'event' ? [line['event']] : [])),
    );
    expect(events).toEqual([]);
  }, 60_000);

  it('shuts out the node that was not told once the others have forgotten: its frames change nothing and are counted', () => {
    const rotation = new Rotation(3);
    const { boards, bench } = rotation;
    const revoked = boards[2]!;
    const others = boards.slice(0, 2);
    for (const board of others) rotation.tell(board, told);
    for (const board of others) rotation.tell(board, switched);
    // The old key is refused after two minutes; a silent stranger is kept for 16 s more, and shown without a path for 3.
    bench.advance(150_000);
    const gate = others[1]!.node.network!.gate;
    expect(gate.rejected.get('epoch')).toBeGreaterThan(2);
    expect(others[1]!.node.network!.mesh.table.presentCount).toBe(1);
    expect(rotation.isOneTree(others)).toBe(true);
    expect(revoked.node.network!.mesh.tree.isRoot()).toBe(true);
    expect(others[1]!.events('frame-rejected').some((line) => line['cause'] === 'epoch')).toBe(
      true,
    );
    // With the old key it can still make frames of its own; they are refused before anything else is looked at.
    const thief = new FrameGate(v8Crypto, revoked.key, 9, OLD);
    const accepted = gate.accepted;
    others[1]!.node.receiveFrame(
      revoked.key,
      -40,
      thief.seal(0x40, new Uint8Array(30)),
      others[1]!.ms(bench.nowMs),
    );
    expect(gate.accepted).toBe(accepted);
  }, 60_000);

  it('a node that was off while the others switched comes back with both keys, and one that missed all of it does not', () => {
    const rotation = new Rotation(3);
    const { boards, bench } = rotation;
    const late = boards[2]!;
    for (const board of boards) rotation.tell(board, told);
    const usual = bench.copies;
    bench.copies = (flying, to) => (flying.from === late || to === late ? 0 : usual(flying, to));
    for (const board of boards.slice(0, 2)) rotation.tell(board, switched);
    bench.advance(140_000);
    expect(decodeCredentials(boards[1]!.stored!)?.previous).toBeNull();
    late.reset(bench.nowMs);
    bench.copies = usual;
    expect(bench.until(() => rotation.isOneTree(), 20_000)).toBe(true);
    expect(epochsOf(rotation, late)).toEqual([2]);
  }, 60_000);

  it('power lost at any write leaves the old or the new state, and both work', () => {
    for (const step of [0, 1]) {
      for (const isStored of [false, true]) {
        const rotation = new Rotation(2);
        const [first, second] = rotation.boards as [AirBoard, AirBoard];
        rotation.tell(first, told);
        if (step === 1) rotation.tell(second, told);
        const kept = second.stored;
        rotation.tell(second, step === 0 ? told : switched);
        if (!isStored) second.stored = kept;
        second.reset(rotation.bench.nowMs);
        rotation.settle();
        expect(rotation.tell(second, told)).not.toBeNull();
        rotation.tell(first, switched);
        rotation.bench.advance(20_000);
        expect(rotation.isOneTree()).toBe(true);
        for (const board of rotation.boards) expect(epochsOf(rotation, board)).toEqual([2]);
      }
    }
  }, 60_000);

  it('a restart of all boards between the steps goes back to no earlier step', () => {
    const rotation = new Rotation(2);
    for (const board of rotation.boards) rotation.tell(board, told);
    for (const board of rotation.boards) board.reset(rotation.bench.nowMs);
    rotation.settle();
    expect(epochsOf(rotation, rotation.boards[1]!)).toEqual([1]);
    for (const board of rotation.boards) rotation.tell(board, switched);
    for (const board of rotation.boards) board.reset(rotation.bench.nowMs);
    rotation.settle();
    expect(epochsOf(rotation, rotation.boards[1]!)).toEqual([2]);
  }, 60_000);
});

describe('a delivery', () => {
  it('is for one node only: forged, changed, replayed and foreign ones change nothing', () => {
    const rotation = new Rotation(2);
    const [first, second] = rotation.boards as [AirBoard, AirBoard];
    const good = rotation.seal(second, told);
    for (let at = 0; at < good.length; at += 7) {
      const bad = good.slice();
      bad[at]! ^= 1;
      if (at === 0) continue; // another kind of message
      expect(rotation.deliver(second, bad, 400)).toBeNull();
    }
    const other = sealDelivery(
      v8Crypto,
      first.nodeKey,
      second.mac,
      5000,
      bytesOf(8, 1),
      encodeCredentials(told),
    );
    expect(rotation.deliver(second, other, 400)).toBeNull();
    expect(second.writes).toBe(0);
    expect(second.node.network!.gate.rejected.get('forged')).toBeGreaterThan(10);
    expect(rotation.deliver(second, good)).toMatchObject({ status: DELIVERED });
    rotation.tell(first, told);
    expect(rotation.tell(second, switched)).toMatchObject({ status: DELIVERED });
    expect(rotation.deliver(second, good)).toMatchObject({ status: DELIVERY_STALE });
    expect(second.node.network!.gate.rejected.get('replayed')).toBeGreaterThan(0);
    expect(second.writes).toBe(2);
    second.reset(rotation.bench.nowMs);
    rotation.settle();
    expect(rotation.deliver(second, good)).toMatchObject({ status: DELIVERY_STALE });
    expect(second.writes).toBe(2);
  }, 60_000);

  it('that came twice is done once and answered twice', () => {
    const rotation = new Rotation(2);
    const [, second] = rotation.boards as [AirBoard, AirBoard];
    const delivery = rotation.seal(second, told);
    expect(rotation.deliver(second, delivery)).toMatchObject({ status: DELIVERED });
    expect(rotation.deliver(second, delivery)).toMatchObject({ status: DELIVERED });
    expect(second.writes).toBe(1);
  });

  it('to the plugged-in node itself takes the short way', () => {
    const rotation = new Rotation(1);
    const [first] = rotation.boards as [AirBoard];
    expect(rotation.tell(first, told)).toMatchObject({ status: DELIVERED, phase: PHASE_TOLD });
    expect(rotation.tell(first, finished)).toMatchObject({ phase: PHASE_ONE_KEY });
  });

  it('that leads back is refused: an older epoch, another key of the same epoch, another network, an earlier step', () => {
    const rotation = new Rotation(1);
    const [first] = rotation.boards as [AirBoard];
    rotation.tell(first, finished);
    const writes = first.writes;
    expect(rotation.tell(first, OLD)).toMatchObject({ status: DELIVERY_REFUSED, epoch: 2 });
    expect(rotation.tell(first, { ...finished, networkKey: bytesOf(32, 8) })).toMatchObject({
      status: DELIVERY_REFUSED,
    });
    expect(rotation.tell(first, { ...finished, networkId: bytesOf(8, 8) })).toMatchObject({
      status: DELIVERY_REFUSED,
    });
    expect(rotation.tell(first, told)).toMatchObject({ status: DELIVERY_PAST });
    expect(rotation.tell(first, switched)).toMatchObject({ status: DELIVERY_PAST });
    expect(first.writes).toBe(writes);
  });

  it('that cannot be stored is said to be, and the node goes on with what it has', () => {
    const rotation = new Rotation(2);
    const [, second] = rotation.boards as [AirBoard, AirBoard];
    second.canStore = false;
    expect(rotation.tell(second, told)).toMatchObject({ status: DELIVERY_NOT_STORED, epoch: 1 });
    second.canStore = true;
    expect(rotation.tell(second, told)).toMatchObject({ status: DELIVERED, epoch: 2 });
  });

  it('gives a board that was admitted by button its console key, and a new name', () => {
    const rotation = new Rotation(2);
    const [first, second] = rotation.boards as [AirBoard, AirBoard];
    const wanted = { ...OLD, name: 'stairs', consoleKey: bytesOf(32, 50) };
    expect(rotation.tell(second, wanted)).toMatchObject({ status: DELIVERED, epoch: 1 });
    expect(second.node.name).toBe('stairs');
    const signer = new ConsoleSigner(v8Crypto, bytesOf(32, 50), second.mac);
    expect(rotation.bench.ask(second, 'log.level', { level: 'info' }, signer)).toMatchObject({
      ok: true,
    });
    expect(first.node.network!.gate.rejected.size).toBe(0);
  });

  it('is asked of the plugged-in node by its administrator only', () => {
    const rotation = new Rotation(1);
    const [first] = rotation.boards as [AirBoard];
    const fields = { to: first.key, data: 'AAAA', part: 0, parts: 1 };
    expect(rotation.bench.ask(first, 'deliver', fields)).toMatchObject({ error: 'unauthorised' });
  });
});
