/**
 * What the screens need from the parts below them, as small interfaces. `main.ts` joins them to the parts; no screen knows
 * how a real board differs from a virtual one.
 */
import type { BackupKeeper, JobKeeper } from './job-ports.ts';
import type { ChoiceStore, FirmwareWorks } from './firmware-ports.ts';
import type { Problem } from './problem.ts';
import type { PlanStore, Rehearsals } from './rehearse-ports.ts';

export const CHIPS = ['esp32', 'esp32s2', 'esp32s3', 'esp32c3', 'esp32c6'] as const;
export type ChipName = (typeof CHIPS)[number];

// ---- the fleet -------------------------------------------------------------------------------------------------------

export type NodeState = 'planned' | 'flashed' | 'joined' | 'seen' | 'lost' | 'revoked';

export interface ZoneEntry {
  readonly name: string;
  /** Index into the fixed zone palette; stays with the zone for life. */
  readonly colour: number;
}

export interface NodeEntry {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly state: NodeState;
  /** Lower case with colons; null until a board was assigned. */
  readonly mac: string | null;
  readonly chip: string | null;
  readonly firmware: string | null;
  readonly lastSeenAtMs: number | null;
}

/** What is readable of a network while it is locked. */
export interface NetworkHeader {
  readonly id: string;
  readonly name: string;
  readonly createdAtMs: number;
}

/** New keys that are on their way to the nodes. */
export interface RotationEntry {
  /** The nodes go by the new keys. */
  readonly switched: boolean;
  /** By node id: has, waits, revoked or outside. */
  readonly standings: Readonly<Record<string, string>>;
}

/** The network's router, without its password. */
export interface RouterEntry {
  readonly ssid: string;
  readonly hasPassword: boolean;
}

export interface NetworkSnapshot extends NetworkHeader {
  readonly channel: number;
  readonly router: RouterEntry | null;
  readonly zones: readonly ZoneEntry[];
  readonly nodes: readonly NodeEntry[];
  readonly rotation: RotationEntry | null;
}

export interface NewNetwork {
  name: string;
  channel: number;
  /** Number of the timing profile; 0, the quick one, unless given. */
  timing?: number;
  zones: string[];
  passphrase: string;
}

/** An unlocked network. Every method resolves after the change is stored. */
export interface NetworkHandle {
  readonly id: string;
  snapshot(): Promise<NetworkSnapshot>;
  addNodes(nodes: readonly { name: string; zone: string }[]): Promise<void>;
  editNode(id: string, change: { name?: string; zone?: string }): Promise<void>;
  removeNode(id: string): Promise<void>;
  setZones(zones: readonly ZoneEntry[]): Promise<void>;
  /** null: the network has none. A password of null stays as it is, an empty one means an open router. */
  setRouter(router: { ssid: string; password: string | null } | null): Promise<void>;
  markSeen(macs: readonly string[], atMs: number): Promise<void>;
  /** Joined nodes that the mesh no longer has. */
  markLost(macs: readonly string[], atMs: number): Promise<void>;
  /** Makes new keys, which these nodes are not to get. */
  rotateKeys(revoked: readonly string[]): Promise<void>;
  /** Undoes a revocation, until the nodes go by the new keys. */
  takeBack(nodeId: string): Promise<void>;
  /** Sends a node what it is to have, through the joined board of this console. */
  tellKeys(session: ConsoleSession, nodeId: string): Promise<void>;
  switchKeys(): Promise<void>;
  finishRotation(): Promise<void>;
  lock(): void;
}

export interface FleetSource {
  headers(): Promise<NetworkHeader[]>;
  create(network: NewNetwork): Promise<NetworkHandle>;
  /** @throws an error with code `wrong-passphrase`. */
  unlock(id: string, passphrase: string): Promise<NetworkHandle>;
  remove(id: string): Promise<void>;
}

// ---- boards ----------------------------------------------------------------------------------------------------------

/** A port that can be opened; what it is made of is the business of the parts below. */
export interface BoardPort {
  readonly id: string;
  readonly kind: 'real' | 'virtual';
  /** For people: the bridge of a real port, the chip of a virtual board. */
  readonly label: string;
  /** Known beforehand for virtual boards only. */
  readonly mac: string | null;
  readonly chip: ChipName | null;
}

export interface RealPorts {
  /** Ports the person has granted earlier and that are plugged in. */
  granted(): Promise<BoardPort[]>;
  /** Opens the browser's picker; null when the person closed it. */
  pick(): Promise<BoardPort | null>;
  /** Called when ports come or go; returns the way to stop listening. */
  watch(changed: () => void): () => void;
}

/** What can be made to go wrong with a virtual board; those that strike while writing strike once. */
export const BOARD_FAULTS = [
  'unplug-while-writing',
  'hang-while-writing',
  'power-loss-while-writing',
  'unplug-at-command',
  'bad-cable',
  'lost-bytes',
  'doubled-bytes',
  'noise',
  'late-answers',
  'stuck-loader',
  'wrong-rate',
  'no-reset-lines',
  'busy-port',
  'secured-chip',
  'unknown-chip',
  'small-flash',
] as const;
export type BoardFault = (typeof BOARD_FAULTS)[number];

export interface VirtualBoards {
  add(chip: ChipName): Promise<BoardPort>;
  /** For good, with its flash. */
  remove(id: string): Promise<void>;
  setPower(id: string, on: boolean): Promise<void>;
  /** Pulls the cable, which is its power too, or puts it in. */
  setPlugged(id: string, on: boolean): Promise<void>;
  /** From now on; the ones that count commands count from here. Null mends everything. @param atCommand for those that count */
  setFault(id: string, fault: BoardFault | null, atCommand?: number): Promise<void>;
  /** Keeps the board's flash with the network, encrypted, now and whenever its power changes. */
  keep(id: string, network: NetworkHandle): Promise<void>;
  /** The boards kept with the network that are not here yet; they go on from their flash. */
  restore(network: NetworkHandle): Promise<{ port: BoardPort; powered: boolean }[]>;
  /** Calls when a cable came out or went in. */
  watch(plugged: (id: string, on: boolean) => void): void;
}

// ---- the console -----------------------------------------------------------------------------------------------------

/** One frame as it came, already checked against the schema of its type; unknown types never get here. */
export interface Frame {
  readonly t: string;
  readonly [field: string]: unknown;
}

export interface ConsoleListener {
  frame(frame: Frame): void;
  log(text: string): void;
  /** The port closed, was unplugged or failed; null when it was closed on purpose. */
  ended(problem: Problem | null): void;
}

export interface ConsoleSession {
  /** Resolves with the answer's result; rejects with an error that has a code. */
  request(type: string, fields?: Record<string, unknown>): Promise<unknown>;
  close(): Promise<void>;
}

export interface ConsoleOpener {
  open(port: BoardPort, listener: ConsoleListener): Promise<ConsoleSession>;
}

// ---- the bench: build, write, join -----------------------------------------------------------------------------------

export interface BoardFacts {
  readonly chip: ChipName;
  readonly description: string;
  readonly mac: string;
  readonly flashSizeBytes: number;
}

export interface BuildReport {
  readonly firmwareId: string;
  /** Bytecode files as they lie on a board. */
  readonly modules: readonly { name: string; sizeBytes: number }[];
  /** The TypeScript files in them, largest first. A size is a share of its module, by the length of the code between. */
  readonly sources: readonly { path: string; aboutBytes: number }[];
  readonly tookMs: number;
}

export interface PlanReport {
  readonly runtime: string;
  readonly writes: readonly { name: string; at: number; sizeBytes: number }[];
  readonly skips: readonly { name: string; sizeBytes: number }[];
  readonly erases: readonly { at: number; sizeBytes: number }[];
  /** Reasons why nothing may be written; empty when the plan can run. */
  readonly refusals: readonly string[];
  /** What the person should know before agreeing. */
  readonly notes: readonly string[];
  /** Whose membership the board carries; `foreign` is replaced only when the person says so. */
  readonly held: {
    readonly kind: 'none' | 'same' | 'sibling' | 'foreign';
    readonly name: string;
    readonly zone: string;
  };
}

/** `done` of `total` within the stage; both 0 when the stage has no measure. */
export type OnStage = (stage: string, done: number, total: number) => void;

export interface OpenOptions {
  /** Bits a second to try; what worked with this kind of bridge before unless given. */
  readonly baudRate?: number | undefined;
}

/** One board from the loader to the joined node. Exactly one user at a time; close() frees the port. */
export interface BenchSession {
  readonly facts: BoardFacts;
  /** What the person may have to do by hand after the write; null where the board restarts by itself. */
  readonly restartNote: string | null;
  plan(nodeId: string, onStage: OnStage, signal: AbortSignal): Promise<PlanReport>;
  write(
    onStage: OnStage,
    signal: AbortSignal,
    options?: { readonly replaceForeign?: boolean },
  ): Promise<void>;
  /** Puts kept settings back onto the board and starts it; see BackupKeeper. */
  restore(backupId: string, onStage: OnStage, signal: AbortSignal): Promise<void>;
  join(onStage: OnStage, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export interface Workbench {
  build(onStage: OnStage): Promise<BuildReport>;
  open(
    port: BoardPort,
    network: NetworkHandle,
    onStage: OnStage,
    signal: AbortSignal,
    options?: OpenOptions,
  ): Promise<BenchSession>;
  /** Reads the runtime from a board, keeps it, and starts the board again. */
  copyRuntime(port: BoardPort, onStage: OnStage, signal: AbortSignal): Promise<StoredRuntime>;
}

// ---- runtime files ---------------------------------------------------------------------------------------------------

export interface StoredRuntime {
  readonly chip: ChipName;
  readonly version: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly fileName: string;
}

export interface RuntimeShelf {
  list(): Promise<StoredRuntime[]>;
  /** Checks the file; keeps it only when the check passes. */
  add(fileName: string, bytes: Uint8Array<ArrayBuffer>): Promise<StoredRuntime>;
  remove(sha256: string): Promise<void>;
}

/** A runtime file that the site itself has. */
export interface OfferedRuntime {
  readonly name: string;
  readonly chip: ChipName;
  readonly sha256: string;
}

/** Nothing is requested before one of these is called. */
export interface HostedRuntimes {
  list(): Promise<readonly OfferedRuntime[]>;
  /** Fetches, checks and keeps it. */
  take(file: OfferedRuntime): Promise<StoredRuntime>;
}

// ---- everything the app is given -------------------------------------------------------------------------------------

export interface Parts {
  readonly fleet: FleetSource;
  /** Null when the browser has no Web Serial. */
  readonly realPorts: RealPorts | null;
  /** Loads the simulator on first use. */
  readonly virtualBoards: () => Promise<VirtualBoards>;
  /** Whether virtual boards are kept with a network; tells without loading the simulator. */
  readonly hasKeptBoards: (networkId: string) => Promise<boolean>;
  readonly consoles: ConsoleOpener;
  readonly bench: Workbench;
  readonly choices: ChoiceStore;
  readonly firmware: FirmwareWorks;
  /** Loads with the Rehearse screen. */
  readonly rehearsals: () => Promise<Rehearsals>;
  readonly plans: PlanStore;
  readonly jobs: JobKeeper;
  readonly backups: BackupKeeper;
  readonly runtimes: RuntimeShelf;
  readonly siteRuntimes: HostedRuntimes;
}
