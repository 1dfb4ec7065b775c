/**
 * Virtual boards as the screens use them: the world runs in a worker, its ports join the real ones. A board that was written
 * is kept with its network: its flash, encrypted, and whether its power is on.
 */
import type { BlobStore } from './fleet/blob-store.ts';
import type { OpenNetwork } from './fleet/store.ts';
import { startVirtualWorld, type BoardHandle } from './sim/client.ts';
import type { FaultChange } from './sim/messages.ts';
import { packBoard, unpackBoard } from './virtual-board-file.ts';
import { networkOf } from './views/parts/fleet-source.ts';
import type { SerialPorts } from './views/parts/serial-ports.ts';
import type { BoardFault, BoardPort, VirtualBoards } from './views/shared/ports.ts';

/** Boards stand on a grid of this pitch: near enough for every neighbour to be heard, far enough for figures to differ. */
const PITCH_M = 9;
const COLUMNS = 4;

/** The same seed every time: what was seen once can be shown again. */
const SEED = 1;

/** A board that was just started counts its boot in flash; the copy is taken after that. */
const KEEP_AFTER_MS = 2500;

/** Far enough into a write that something was written, early enough that nothing is done. */
const STRIKE_AT_COMMAND = 7;
/** Flash operations: something is written by then, and the smallest firmware is not. */
const POWER_LOSS_AT = 60;
const FAULTS: Record<BoardFault, FaultChange> = {
  'unplug-while-writing': { unplugAtCommand: STRIKE_AT_COMMAND },
  'hang-while-writing': { stuckAtCommand: STRIKE_AT_COMMAND },
  'power-loss-while-writing': { powerLossAtOperation: POWER_LOSS_AT },
  'unplug-at-command': { unplugAtCommand: STRIKE_AT_COMMAND },
  'bad-cable': { garbledAboveBaud: 115_200 },
  'lost-bytes': { loseEvery: 120_011 },
  'doubled-bytes': { doubleEvery: 120_011 },
  noise: { noiseEvery: 120_011 },
  'late-answers': { lateMs: 150 },
  'stuck-loader': { stuckLoader: true },
  'wrong-rate': { rateFactor: 0.65 },
  'no-reset-lines': { noAutoReset: true },
  'busy-port': { portBusy: true },
  'secured-chip': { secured: true },
  'unknown-chip': { unknownChip: true },
  'small-flash': { flashSizeBytes: 1 << 20 },
};
const MENDED: FaultChange = {
  unplugAtCommand: 0,
  stuckAtCommand: 0,
  powerLossAtOperation: 0,
  garbledAboveBaud: 0,
  loseEvery: 0,
  doubleEvery: 0,
  noiseEvery: 0,
  lateMs: 0,
  stuckLoader: false,
  rateFactor: 1,
  noAutoReset: false,
  portBusy: false,
  secured: false,
  unknownChip: false,
  flashSizeBytes: 0,
};

interface Entry {
  readonly handle: BoardHandle;
  readonly place: number;
  powered: boolean;
  /** The network it is kept with. */
  home: OpenNetwork | null;
  timer: ReturnType<typeof setTimeout> | null;
  /** Saves follow each other, so that an older copy never lands on a newer one. */
  saving: Promise<void>;
}

export function virtualBoards(ports: SerialPorts, kept: BlobStore): VirtualBoards {
  const world = startVirtualWorld({ seed: SEED });
  const entries = new Map<string, Entry>();
  let onPlugged: (id: string, on: boolean) => void = () => undefined;

  const entryOf = (id: string): Entry => {
    const entry = entries.get(id);
    if (!entry) throw new Error(`there is no virtual board ${id}`);
    return entry;
  };
  const freePlace = (): number => {
    const taken = new Set([...entries.values()].map((entry) => entry.place));
    let place = 0;
    while (taken.has(place)) place++;
    return place;
  };
  const admit = (handle: BoardHandle, place: number, powered: boolean): BoardPort => {
    const { mac, chip, name: label, port } = handle;
    const id = `virtual-${mac}`;
    entries.set(id, {
      handle,
      place,
      powered,
      home: null,
      timer: null,
      saving: Promise.resolve(),
    });
    port.addEventListener('connect', () => onPlugged(id, true));
    port.addEventListener('disconnect', () => onPlugged(id, false));
    return ports.add(port, { kind: 'virtual', label, mac, chip }, id);
  };

  const save = (entry: Entry): Promise<void> => {
    entry.saving = entry.saving
      .catch(() => undefined)
      .then(async () => {
        const { handle, home, powered } = entry;
        if (!home || entries.get(`virtual-${handle.mac}`) !== entry) return;
        const state = await handle.saveState();
        await kept.put(home, { name: handle.mac, bytes: packBoard({ state, powered }) });
      });
    return entry.saving;
  };
  const saveSoon = (entry: Entry): void => {
    if (!entry.home) return;
    if (entry.timer !== null) clearTimeout(entry.timer);
    entry.timer = setTimeout(() => {
      entry.timer = null;
      // A locked network keeps the copy it has; the next change after unlocking replaces it.
      save(entry).catch(() => undefined);
    }, KEEP_AFTER_MS);
  };

  return {
    async add(chip) {
      const place = freePlace();
      const handle = world.addBoard({ chip, name: `Virtual board ${place + 1}`, ...spot(place) });
      return admit(handle, place, true);
    },
    async remove(id) {
      const entry = entryOf(id);
      entries.delete(id);
      if (entry.timer !== null) clearTimeout(entry.timer);
      entry.handle.remove();
      ports.drop(id);
      await entry.saving.catch(() => undefined);
      if (entry.home) await kept.remove(entry.home, entry.handle.mac);
    },
    async setPower(id, on) {
      const entry = entryOf(id);
      entry.powered = on;
      if (on) entry.handle.powerOn();
      else entry.handle.powerOff();
      saveSoon(entry);
    },
    async setPlugged(id, on) {
      const { handle } = entryOf(id);
      if (on) handle.plug();
      else handle.unplug();
    },
    async setFault(id, fault, atCommand) {
      const change = fault === null ? {} : FAULTS[fault];
      const counted = fault === 'unplug-at-command' && atCommand !== undefined;
      const count = counted ? { unplugAtCommand: atCommand } : {};
      entryOf(id).handle.faults({ ...MENDED, ...change, ...count });
    },
    async keep(id, network) {
      const entry = entryOf(id);
      entry.home = networkOf(network);
      await save(entry);
      saveSoon(entry);
    },
    async restore(handle) {
      const network = networkOf(handle);
      const restored: { port: BoardPort; powered: boolean }[] = [];
      for (const blob of await kept.all(network)) {
        const here = entries.get(`virtual-${blob.name}`);
        // Unlocked again in the same tab: the board never went away.
        if (here) here.home = network;
        const board = here ? null : unpackBoard(blob.bytes);
        if (!board) continue;
        const { state, powered } = board;
        const place = placeOf(state.x, state.y);
        const port = admit(world.restoreBoard(state, { powered }), place, powered);
        const entry = entryOf(port.id);
        entry.home = network;
        saveSoon(entry);
        restored.push({ port, powered });
      }
      return restored;
    },
    watch(listener) {
      onPlugged = listener;
    },
  };
}

function spot(place: number): { x: number; y: number } {
  return { x: (place % COLUMNS) * PITCH_M, y: Math.floor(place / COLUMNS) * PITCH_M };
}

function placeOf(x: number, y: number): number {
  return Math.round(y / PITCH_M) * COLUMNS + Math.round(x / PITCH_M);
}
