/** Scripted parts for looking at the screens while developing them; never part of a build of the app. */
import type {
  BenchSession,
  BoardPort,
  ChipName,
  ConsoleListener,
  Frame,
  NetworkHandle,
  NetworkSnapshot,
  NodeEntry,
  Parts,
} from '../../app/views/shared/ports.ts';
import { WordedError } from '../../app/views/shared/problem.ts';

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const PACE = Number(new URLSearchParams(location.search).get('pace') ?? '1');

interface FakeNetwork {
  snapshot: NetworkSnapshot;
  passphrase: string;
}
const networks = new Map<string, FakeNetwork>();
const joined = new Map<string, NodeEntry>();
const off = new Set<string>();

function handleOf(network: FakeNetwork): NetworkHandle {
  const put = (change: Partial<NetworkSnapshot>): void => {
    network.snapshot = { ...network.snapshot, ...change };
  };
  return {
    id: network.snapshot.id,
    snapshot: async () => network.snapshot,
    addNodes: async (nodes) =>
      put({
        nodes: [
          ...network.snapshot.nodes,
          ...nodes.map((node) => ({
            ...node,
            id: crypto.randomUUID(),
            state: 'planned' as const,
            mac: null,
            chip: null,
            firmware: null,
            lastSeenAtMs: null,
          })),
        ],
      }),
    editNode: async (id, change) =>
      put({
        nodes: network.snapshot.nodes.map((node) =>
          node.id === id ? { ...node, ...change } : node,
        ),
      }),
    removeNode: async (id) =>
      put({ nodes: network.snapshot.nodes.filter((node) => node.id !== id) }),
    setZones: async (zones) => put({ zones }),
    markSeen: async () => undefined,
    lock: () => undefined,
  };
}

function join(networkId: string, nodeId: string, mac: string, chip: string): void {
  const network = networks.get(networkId)!;
  const nodes = network.snapshot.nodes.map((node) =>
    node.id === nodeId
      ? {
          ...node,
          mac,
          chip,
          state: 'joined' as const,
          firmware: '0.1.0+5f3a91c2',
          lastSeenAtMs: Date.now(),
        }
      : node,
  );
  network.snapshot = { ...network.snapshot, nodes };
  joined.set(
    mac,
    nodes.find((node) => node.id === nodeId)!,
  );
}

let boardCount = 0;
const PIECES = [
  { name: 'bootloader', at: 0x1000, sizeBytes: 4096 },
  { name: 'partition-table', at: 0x8000, sizeBytes: 3072 },
  { name: 'identity', at: 0x9000, sizeBytes: 24576 },
  { name: 'runtime', at: 0x10000, sizeBytes: 65536 },
  { name: 'firmware', at: 0x200000, sizeBytes: 81920 },
];

function frames(self: string): Frame[] {
  const alive = [...joined.values()].filter((node) => !off.has(node.mac!));
  const root = alive.at(-1);
  return alive.map((node, index) => ({
    t: 'node',
    mac: node.mac!,
    name: node.name,
    zone: node.zone,
    parent:
      node === root ? null : index < 2 || alive.length < 4 ? root!.mac! : alive[index - 2]!.mac!,
    root: root!.mac!,
    role: node === root ? 'root' : 'node',
    coordinator: index === 1,
    rssi: node.mac === self ? null : -48 - index * 6,
    hops: node === root ? 0 : index < 2 ? 1 : 2,
    age: index === 2 ? 7000 : 300,
    sequence: 1,
  }));
}

export const fakeParts: Parts = {
  fleet: {
    headers: async () => [...networks.values()].map((network) => network.snapshot),
    create: async (request) => {
      const id = crypto.randomUUID();
      const network: FakeNetwork = {
        passphrase: request.passphrase,
        snapshot: {
          id,
          name: request.name,
          createdAtMs: Date.now(),
          channel: request.channel,
          zones: request.zones.map((name, colour) => ({ name, colour })),
          nodes: [],
        },
      };
      networks.set(id, network);
      return handleOf(network);
    },
    unlock: async (id, passphrase) => {
      await wait(200);
      const network = networks.get(id)!;
      if (network.passphrase !== passphrase) {
        throw Object.assign(new Error('the vault did not open'), { code: 'wrong-passphrase' });
      }
      return handleOf(network);
    },
    remove: async (id) => void networks.delete(id),
  },
  realPorts: null,
  virtualBoards: async () => ({
    add: async (chip: ChipName): Promise<BoardPort> => {
      const number = ++boardCount;
      return {
        id: `virtual-${number}`,
        kind: 'virtual',
        label: `Virtual board ${number}`,
        mac: `24:0a:c4:00:00:0${number}`,
        chip,
      };
    },
    remove: async () => undefined,
    setPower: async (id, on) => {
      const mac = `24:0a:c4:00:00:0${id.slice(-1)}`;
      if (on) off.delete(mac);
      else off.add(mac);
    },
  }),
  consoles: {
    open: async (port, listener: ConsoleListener) => {
      const mac = port.mac!;
      let gone = new Set<string>();
      const hello = (): void =>
        listener.frame({
          t: 'hello',
          protocol: 1,
          mac,
          name: joined.get(mac)?.name ?? '',
          zone: joined.get(mac)?.zone ?? '',
          firmware: '0.1.0+5f3a91c2',
          runtime: '1.28.0',
          chip: port.chip,
          state: joined.has(mac) ? 'joined' : 'blank',
          uptime: Math.round(performance.now()),
          reset: 'power-on',
          window: 200,
        });
      listener.log('rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)');
      hello();
      const timer = setInterval(() => {
        for (const node of joined.values()) {
          if (off.has(node.mac!) && !gone.has(node.mac!))
            listener.frame({ t: 'gone', mac: node.mac! });
        }
        gone = new Set(off);
        frames(mac).forEach((frame) => listener.frame(frame));
      }, 1000);
      listener.frame({ t: 'event', event: 'root-elected', root: frames(mac).at(-1)?.mac ?? mac });
      return {
        request: async (type) => {
          if (type === 'topology') frames(mac).forEach((frame) => listener.frame(frame));
          return { type, heapUsed: 61_000, heapFree: 92_000 };
        },
        close: async () => {
          clearInterval(timer);
          listener.ended(null);
        },
      };
    },
  },
  bench: {
    build: async (onStage) => {
      onStage('Compiling the firmware', 0, 0);
      await wait(300 * PACE);
      return {
        firmwareId: '0.1.0+5f3a91c2',
        tookMs: 1840,
        modules: ['board_main', 'mesh_table', 'mps_node', 'node_node', 'wire_air_frame'].map(
          (name, index) => ({ name, sizeBytes: 1200 + index * 700 }),
        ),
      };
    },
    open: async (port, network, onStage): Promise<BenchSession> => {
      onStage('Waking the loader', 0, 0);
      await wait(300 * PACE);
      const mac = port.mac!;
      if (location.search.includes('fail') && mac.endsWith('2')) {
        throw new WordedError({
          code: 'silent',
          title: 'The board does not answer',
          cause: 'It may be in a boot loop, or need its BOOT button held while connecting.',
          next: 'Hold BOOT, press EN once, release BOOT, and try again.',
          details: 'sync: 10 tries, 0 answers',
        });
      }
      let nodeId = '';
      return {
        facts: { chip: port.chip!, description: 'ESP32', mac, flashSizeBytes: 4 << 20 },
        plan: async (id) => {
          nodeId = id;
          await wait(200 * PACE);
          return {
            runtime: 'stand-in for the virtual board, 1.28.0',
            writes: PIECES.slice(2),
            skips: PIECES.slice(0, 2),
            erases: [{ at: 0x9000, sizeBytes: 24576 }],
            refusals: [],
            notes: ['The board had no readable settings; it gets new ones.'],
          };
        },
        write: async (onStage, signal) => {
          for (let done = 0; done <= 172_032; done += 8192) {
            signal.throwIfAborted();
            onStage('Writing firmware', done, 172_032);
            await wait(60 * PACE);
          }
        },
        join: async (onStage) => {
          for (const [step, title] of [
            'Waiting for hello',
            'Proving the key',
            'Storing credentials',
          ].entries()) {
            onStage(title, step, 3);
            await wait(200 * PACE);
          }
          join(network.id, nodeId, mac, port.chip!);
        },
        close: async () => undefined,
      };
    },
  },
  runtimes: {
    list: async () => [],
    add: async (fileName) => {
      throw Object.assign(new Error(`${fileName}: expected the byte 0xE9 at 0x1000, got 0x00`), {
        code: 'not-an-image',
      });
    },
    remove: async () => undefined,
  },
};
