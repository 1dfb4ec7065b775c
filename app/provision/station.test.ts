import { describe, expect, it } from 'vitest';
import { bytesToHex, utf8 } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { openConsole } from '../console/board-console.ts';
import { TestClock } from '../console/testing/test-clock.ts';
import { FlashError } from '../flash/flash-error.ts';
import type { FlashSession } from '../flash/flash-session.ts';
import { checkNode, newNetwork, newNode } from '../fleet/record.ts';
import { startRotation, takeBack } from '../fleet/rotation.ts';
import type { NetworkRecord, NodeRecord } from '../fleet/record.ts';
import { parseNvs } from '../image/nvs/nvs.ts';
import { NvsStore } from '../image/nvs/store.ts';
import type { NvsValue } from '../image/nvs/value.ts';
import { checkRuntime } from '../runtimes/check.ts';
import { standInRuntime } from '../runtimes/stand-in.ts';
import type { BoardBackup } from './backup-file.ts';
import type { StationEvent, StationFleet, StationParts } from './station-parts.ts';
import { runStation, StationJob } from './station.ts';
import { FIRMWARE_ID, NodeBoard, withTime } from './testing/node-board.ts';

const MAC = '24:0a:c4:00:00:01';
const NVS_AT = 0x9000;
const NVS_BYTES = 0x6000;
const FLASH_BYTES = 4 << 20;

/** The fleet in memory, with the rules of the real one. */
class MemoryFleet implements StationFleet {
  record: NetworkRecord = newNetwork({ name: 'Haus' }, 0);
  all: NodeRecord[] = [newNode({ name: 'lamp', zone: 'kitchen' }, [], 0)];

  get first(): NodeRecord {
    return this.all[0]!;
  }
  async network(): Promise<NetworkRecord> {
    return this.record;
  }
  async nodes(): Promise<NodeRecord[]> {
    return this.all;
  }
  async node(id: string): Promise<NodeRecord> {
    return this.all.find((node) => node.id === id)!;
  }
  async updateNode(id: string, change: (node: NodeRecord) => NodeRecord): Promise<NodeRecord> {
    const changed = change(await this.node(id));
    checkNode(changed, this.all);
    this.all = this.all.map((node) => (node.id === id ? changed : node));
    return changed;
  }
}

class Bench {
  readonly clock = new TestClock();
  readonly fleet = new MemoryFleet();
  readonly flash = new Uint8Array(FLASH_BYTES).fill(0xff);
  readonly board = new NodeBoard(MAC, this.clock);
  readonly events: StationEvent[] = [];
  failAt: 'open' | 'read' | 'write' | null = null;
  secured = false;
  flashSizeBytes = FLASH_BYTES;
  written: string[] = [];
  readonly backups: BoardBackup[] = [];
  backupFails = false;
  /** Flash sessions and consoles that are open now. */
  open = 0;
  onReset = (): void => this.board.boot();

  readonly parts: StationParts = {
    fleet: this.fleet,
    clock: this.clock,
    nowMs: () => 1_000_000 + this.clock.nowMs(),
    keepBackup: async (backup) => {
      if (this.backupFails) throw new DOMException('full', 'QuotaExceededError');
      this.backups.push(backup);
    },
    openFlash: async () => this.#session(),
    openConsole: async () => openConsole(this.board.connect(), { clock: this.clock }),
    runtimeFor: async (chip) => {
      const check = checkRuntime(standInRuntime(chip));
      if (!check.ok) throw new Error(check.message);
      return check.runtime;
    },
    build: async () => ({
      firmwareId: FIRMWARE_ID,
      modules: [{ name: 'board_main', mpy: new Uint8Array(5000).fill(7) }],
    }),
  };

  run(signal?: AbortSignal): Promise<NodeRecord> {
    const onEvent = (event: StationEvent): void => void this.events.push(event);
    const options = signal ? { onEvent, signal } : { onEvent };
    return withTime(this.clock, runStation(this.parts, this.fleet.first.id, options));
  }

  #session(): FlashSession {
    if (this.failAt === 'open') throw new FlashError('no-answer');
    if (this.open > 0) throw new Error('the port is open already');
    this.open++;
    let closed = false;
    this.board.powerOff();
    return {
      chip: 'esp32',
      description: 'a fake ESP32',
      mac: MAC,
      flashSizeBytes: this.flashSizeBytes,
      secured: this.secured,
      bridge: { kind: 'unknown' } as FlashSession['bridge'],
      baudRate: 460800,
      md5: async (at, size) => bytesToHex(md5(this.flash.slice(at, at + size))),
      read: async (at, size, onProgress) => {
        if (this.failAt === 'read') throw new FlashError('lost-contact', 'while reading');
        onProgress?.(size, size);
        return this.flash.slice(at, at + size);
      },
      write: async (plan, options) => {
        for (const [i, { name, at, bytes }] of plan.writes.entries()) {
          options?.signal?.throwIfAborted();
          if (this.failAt === 'write' && i === 1) throw new FlashError('unplugged');
          this.flash.set(bytes, at);
          this.written.push(name);
          options?.onProgress?.('writing', i + 1, plan.writes.length);
        }
        this.board.nvs = NvsStore.load(this.flash.slice(NVS_AT, NVS_AT + NVS_BYTES));
      },
      resetIntoFirmware: async () => this.onReset(),
      close: async () => {
        if (!closed) this.open--;
        closed = true;
      },
    };
  }
}
const failure = (promise: Promise<unknown>): Promise<Record<string, unknown>> =>
  promise.then(
    () => ({ code: 'resolved' }),
    (error: Record<string, unknown>) => error,
  );

describe('a station job', () => {
  it('takes an empty board to a joined node, stage by stage', async () => {
    const b = new Bench();
    const node = await b.run();
    expect(node).toMatchObject({ state: 'joined', mac: MAC, chip: 'esp32', firmware: FIRMWARE_ID });
    expect(b.fleet.first).toEqual(node);
    expect(b.board.credentials).not.toBeNull();
    const stages = b.events.map((event) => event.stage);
    expect([...new Set(stages)]).toEqual([
      'connect',
      'identify',
      'build',
      'back-up',
      'compare',
      'write',
      'restart',
      'hello',
      'join',
      'record',
      'done',
    ]);
    for (const { words, fraction } of b.events) {
      expect(words).not.toBe('');
      if (fraction !== null) expect(fraction >= 0 && fraction <= 1).toBe(true);
    }
    expect(b.open).toBe(0);
  });
  it('keeps what others stored on the board, and the counters of the mesh', async () => {
    const b = new Bench();
    const store = NvsStore.create(NVS_BYTES);
    store.set('phy', 'cal', { kind: 'blob', bytes: new Uint8Array(100).fill(5) });
    store.set('mesh', 'boot', { kind: 'i32', value: 41 });
    store.set('mesh', 'creds', { kind: 'blob', bytes: new Uint8Array(60) });
    b.flash.set(store.bytes, NVS_AT);
    const job = new StationJob(b.parts);
    await job.open();
    const plan = await job.plan(b.fleet.first.id);
    expect(plan.backup.bytes).toEqual(store.bytes);
    await job.write();
    const kept = parseNvs(b.flash.slice(NVS_AT, NVS_AT + NVS_BYTES)).entries;
    expect(kept.find((entry) => entry.namespace === 'phy')).toBeDefined();
    expect(kept.some((entry) => entry.key === 'creds')).toBe(false);
    expect(b.board.boots).toBe(1);
    await withTime(b.clock, job.join());
    expect(b.board.nvs.get('mesh', 'boot')).toEqual({ kind: 'i32', value: 42 });
  });
  it('repeated writes nothing but the identity, and joins again', async () => {
    const b = new Bench();
    await b.run();
    b.flash.set(b.board.nvs.bytes, NVS_AT);
    b.written = [];
    await b.run();
    expect(b.written).toEqual(['identity']);
    expect(b.fleet.first.state).toBe('joined');
  });
});

describe('a board that has a membership already', () => {
  /** Another fleet's board, with a counter and a calibration of its own. */
  function foreignBoard(b: Bench): Uint8Array {
    const store = NvsStore.create(NVS_BYTES);
    const blob = (byte: number): NvsValue => ({
      kind: 'blob',
      bytes: new Uint8Array(32).fill(byte),
    });
    store.set('phy', 'cal', { kind: 'blob', bytes: new Uint8Array(100).fill(5) });
    store.set('mesh', 'boot', { kind: 'i32', value: 41 });
    store.set('mesh', 'name', { kind: 'blob', bytes: utf8('pump-7') });
    store.set('mesh', 'zone', { kind: 'blob', bytes: utf8('cellar') });
    store.set('mesh', 'node_key', blob(1));
    store.set('mesh', 'setup_key', blob(2));
    b.flash.set(store.bytes, NVS_AT);
    return store.bytes;
  }

  it('of another network is not replaced unasked: nothing is written, the plan says whose it is', async () => {
    const b = new Bench();
    foreignBoard(b);
    const job = new StationJob(b.parts);
    await job.open();
    const plan = await job.plan(b.fleet.first.id);
    expect(plan.held).toEqual({ kind: 'foreign', name: 'pump-7', zone: 'cellar' });
    expect(await failure(job.write())).toMatchObject({ code: 'foreign-identity', stage: 'write' });
    expect([b.written, b.backups]).toEqual([[], []]);
    expect(b.fleet.first.state).toBe('planned');
  });

  it('of another network is kept before it is replaced, and comes back byte for byte', async () => {
    const b = new Bench();
    const settings = foreignBoard(b);
    const job = new StationJob(b.parts);
    await job.open();
    await job.plan(b.fleet.first.id);
    await job.write({ replaceForeign: true });
    expect(b.backups).toHaveLength(1);
    expect(b.backups[0]).toMatchObject({ mac: MAC, name: 'pump-7', at: NVS_AT, bytes: settings });
    const now = (): Map<string, NvsValue> =>
      new Map(
        parseNvs(b.flash.slice(NVS_AT, NVS_AT + NVS_BYTES)).entries.map((entry) => [
          `${entry.namespace}/${entry.key}`,
          entry.value,
        ]),
      );
    expect(now().get('mesh/name')).toEqual({ kind: 'blob', bytes: utf8('lamp') });

    await job.open();
    await job.restore(b.backups[0]!);
    expect(b.backups).toHaveLength(2); // what the restoring replaced is kept, too
    const wanted = parseNvs(settings).entries.filter(({ key }) => key !== 'boot');
    for (const { namespace, key, value } of wanted)
      expect(now().get(`${namespace}/${key}`)).toEqual(value);
    expect(b.open).toBe(0);
  });

  it('stays untouched when its settings cannot be kept', async () => {
    const b = new Bench();
    foreignBoard(b);
    b.backupFails = true;
    const job = new StationJob(b.parts);
    await job.open();
    await job.plan(b.fleet.first.id);
    const error = await failure(job.write({ replaceForeign: true }));
    expect(error).toMatchObject({ code: 'backup-failed' });
    expect(b.written).toEqual([]);
  });

  it('as the same node is kept, too, and needs no question', async () => {
    const b = new Bench();
    await b.run();
    expect(b.backups).toEqual([]); // it was blank
    b.flash.set(b.board.nvs.bytes, NVS_AT);
    await b.run();
    expect(b.backups.map(({ name }) => name)).toEqual(['lamp']);
  });

  it('is not given the backup of another board, or one without a membership', async () => {
    const b = new Bench();
    await b.run();
    const job = new StationJob(b.parts);
    const backup = { mac: MAC, chip: 'esp32', atMs: 1, name: '', at: NVS_AT };
    const bytes = NvsStore.create(NVS_BYTES).bytes;
    const restored = async (mac: string): Promise<unknown> => {
      await job.open();
      return failure(job.restore({ ...backup, mac, bytes }));
    };
    b.written = [];
    const other = '24:0a:c4:00:00:99';
    expect(await restored(other)).toMatchObject({ code: 'backup-of-other-board' });
    expect(await restored(MAC)).toMatchObject({ code: 'backup-empty' });
    expect(b.written).toEqual([]);
  });
});

describe('a station job that fails', () => {
  it.each([
    ['open', 'connect', 'no-answer'],
    ['read', 'back-up', 'lost-contact'],
    ['write', 'write', 'unplugged'],
  ] as const)(
    'at %s leaves the record as it was, gives the port back, and says what to do',
    async (at, stage, code) => {
      const b = new Bench();
      const before = b.fleet.first;
      b.failAt = at;
      const error = await failure(b.run());
      expect(error).toMatchObject({ stage, code });
      expect(error['next']).toMatch(/\w/);
      expect(b.fleet.first).toEqual(before);
      expect(b.open).toBe(0);
      b.failAt = null;
      expect((await b.run()).state).toBe('joined');
    },
  );
  it('because the chip is secured writes nothing', async () => {
    const b = new Bench();
    b.secured = true;
    expect(await failure(b.run())).toMatchObject({ stage: 'write', code: 'refused' });
    expect(b.written).toEqual([]);
    expect(b.fleet.first.state).toBe('planned');
  });
  it('because the board belongs to another node says to which, before anything is written', async () => {
    const b = new Bench();
    b.fleet.all.push(newNode({ name: 'fan', zone: 'hall', mac: MAC }, b.fleet.all, 0));
    const error = await failure(b.run());
    expect(error).toMatchObject({ code: 'mac-taken' });
    expect(String(error['message'])).toContain('"fan"');
    expect(b.written).toEqual([]);
  });
  it('because the node is being revoked says how to go on, before anything is written', async () => {
    const b = new Bench();
    b.fleet.record = startRotation(b.fleet.record, [b.fleet.first.id], 1);
    const error = await failure(b.run());
    expect(error).toMatchObject({ code: 'being-revoked' });
    expect(error['next']).toContain('Take it back');
    expect(b.written).toEqual([]);
    b.fleet.record = takeBack(b.fleet.record, b.fleet.first.id);
    expect((await b.run()).state).toBe('joined');
  });
  it('because the firmware never speaks tells what the board printed, and the node is not joined', async () => {
    const b = new Bench();
    b.onReset = () => {
      void b.clock
        .sleep(2000)
        .then(() => b.board.say('Traceback (most recent call last):\r\nMemoryError\r\n'));
    };
    const error = await failure(b.run());
    expect(error).toMatchObject({ stage: 'hello', code: 'silent' });
    expect(String(error['details'])).toContain('MemoryError');
    expect(b.fleet.first.state).toBe('flashed');
    expect(b.board.traffic).toEqual([]);
    b.onReset = () => b.board.boot();
    expect((await b.run()).state).toBe('joined');
  });
  it('because other firmware started, or the handshake failed, is not joined; joining can be repeated', async () => {
    const old = new Bench();
    old.board.firmware = '0.0.9+old';
    expect(await failure(old.run())).toMatchObject({ stage: 'hello', code: 'other-firmware' });
    expect(old.fleet.first.state).toBe('flashed');

    const b = new Bench();
    b.board.brokenNvs = true;
    const job = new StationJob(b.parts);
    await job.open();
    await job.plan(b.fleet.first.id);
    await job.write();
    expect(await failure(withTime(b.clock, job.join()))).toMatchObject({ code: 'commit-failed' });
    expect(b.fleet.first.state).toBe('flashed');
    b.board.brokenNvs = false;
    expect((await withTime(b.clock, job.join())).state).toBe('joined');
    await job.close();
  });
  it('because it was cancelled rejects with the reason and gives the port back', async () => {
    const b = new Bench();
    const controller = new AbortController();
    b.board.passes = (_, line) => {
      if (line.includes('mps.open')) controller.abort(new Error('by hand'));
      return true;
    };
    await expect(b.run(controller.signal)).rejects.toThrow('by hand');
    expect(b.fleet.first.state).toBe('flashed');
    expect(b.open).toBe(0);
    b.board.passes = () => true;
    expect((await b.run()).state).toBe('joined');
  });
  it('refuses steps out of order', async () => {
    const job = new StationJob(new Bench().parts);
    expect(await failure(job.write())).toMatchObject({ code: 'not-planned' });
    expect(await failure(job.join())).toMatchObject({ code: 'not-planned' });
  });
});

it('refuses a flash that is too small in so many words, before anything is built or written', async () => {
  const bench = new Bench();
  bench.flashSizeBytes = 1 << 20;
  await expect(bench.run()).rejects.toMatchObject({
    code: 'small-flash',
    message: expect.stringContaining('too small') as string,
    next: expect.stringContaining('4 MiB') as string,
    details: expect.stringContaining('0x100000') as string,
  });
  expect([bench.written, bench.open, bench.fleet.first.state]).toEqual([[], 0, 'planned']);
});
