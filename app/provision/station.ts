/**
 * One board's whole job: loader, plan, flash, first words, handshake, record. Real and virtual boards go through here
 * alike: whoever makes the job passes in how to open the loader and the console.
 *
 *   open -> plan -> write -> join            each may be called again after a failure; the fleet is told only what happened:
 *                     |       |              "flashed" once every region was verified, "joined" once the board proved it
 */
import type { Clock } from '../base/clock.ts';
import { bytesToHex } from '../base/bytes.ts';
import { md5, md5InSteps } from '../base/digest.ts';
import type { BoardConsole, ConsoleEvent } from '../console/board-console.ts';
import type { FlashSession } from '../flash/flash-session.ts';
import type { FlashPlan } from '../flash/plan.ts';
import { planFlash, plannedBytes } from '../flash/plan.ts';
import { checkMac } from '../fleet/check.ts';
import type { NetworkRecord, NodeRecord } from '../fleet/record.ts';
import { confirmJoined, markFlashed } from '../fleet/record.ts';
import type { FirmwareModule } from '../image/compose.ts';
import { composeRegions } from '../image/compose.ts';
import { mergeNvs } from '../image/nvs/nvs.ts';
import { findNvs } from '../image/partition-table.ts';
import type { Region, RuntimeFile } from '../image/region.ts';
import { hasBootCounter, identityChanges, nodeFileOf } from './identity.ts';
import type { JoinStage } from './session.ts';
import { JOIN_STAGES, joinBoard } from './session.ts';
import type { StationStage } from './station-error.ts';
import { inStationWords, STAGE_WORDS, stationError } from './station-error.ts';

/** The part of an unlocked network that a job needs; fleet/store.ts has it. */
export interface StationFleet {
  network(): Promise<NetworkRecord>;
  nodes(): Promise<NodeRecord[]>;
  node(id: string): Promise<NodeRecord>;
  updateNode(id: string, change: (node: NodeRecord) => NodeRecord): Promise<NodeRecord>;
}

export interface FirmwareBuild {
  /** As the board says it in its hello. */
  readonly firmwareId: string;
  readonly modules: readonly FirmwareModule[];
}

export interface StationParts {
  readonly fleet: StationFleet;
  readonly clock: Clock;
  /** Milliseconds since 1970, for records. */
  nowMs(): number;
  /** Resets the board into its loader. */
  openFlash(signal: AbortSignal): Promise<FlashSession>;
  /** Opens the same port once the flash session has given it back. */
  openConsole(): Promise<BoardConsole>;
  runtimeFor(chip: FlashSession['chip']): Promise<RuntimeFile>;
  build(): Promise<FirmwareBuild>;
}

export interface StationEvent {
  readonly stage: StationStage;
  /** The stage in words, with a count where there is one. */
  readonly words: string;
  /** 0 to 1 within the stage; null when it has no measure. */
  readonly fraction: number | null;
}

export interface StationOptions {
  readonly signal?: AbortSignal;
  onEvent?(event: StationEvent): void;
}

export interface BoardFacts {
  readonly chip: FlashSession['chip'];
  readonly description: string;
  readonly mac: string;
  readonly flashSizeBytes: number;
}

export interface StationPlan {
  readonly node: NodeRecord;
  readonly flash: FlashPlan;
  readonly runtime: RuntimeFile;
  readonly build: FirmwareBuild;
  /** The board's settings as they were: where they lay and the bytes. Secret: they may hold keys. */
  readonly backup: { readonly at: number; readonly bytes: Uint8Array };
  /** What the person should know, in words. */
  readonly notes: readonly string[];
}

const HEARD_LINES = 20;

export class StationJob {
  readonly #parts: StationParts;
  readonly #options: StationOptions;
  readonly #signal: AbortSignal;
  #session: FlashSession | null = null;
  #facts: BoardFacts | null = null;
  #plan: StationPlan | null = null;
  #written = false;
  #console: BoardConsole | null = null;
  #heard: string[] = [];
  #stage: StationStage = 'connect';

  constructor(parts: StationParts, options: StationOptions = {}) {
    this.#parts = parts;
    this.#options = options;
    this.#signal = options.signal ?? new AbortController().signal;
  }

  /** Known after open(). */
  get facts(): BoardFacts | null {
    return this.#facts;
  }

  /** Puts the board into its loader and says what it is. @throws StationError, or the signal's reason */
  open(): Promise<BoardFacts> {
    return this.#guard(async () => {
      await this.#release();
      this.#enter('connect');
      this.#session = await this.#parts.openFlash(this.#signal);
      this.#enter('identify');
      const { chip, description, mac, flashSizeBytes } = this.#session;
      this.#facts = { chip, description, mac, flashSizeBytes };
      return this.#facts;
    });
  }

  /** Works out what to write for the node; writes nothing. `flash.refusals` may say that nothing may be written. @throws StationError */
  plan(nodeId: string): Promise<StationPlan> {
    return this.#guard(async () => {
      const { fleet } = this.#parts;
      const session = this.#session;
      if (session === null) throw stationError('compare', 'not-planned', 'the loader is not open');
      this.#plan = null;
      this.#written = false;
      const network = await fleet.network();
      const node = await fleet.node(nodeId);
      const others = (await fleet.nodes()).filter((other) => other.id !== nodeId);
      checkMac(
        session.mac,
        others.filter((other) => other.state !== 'revoked'),
      );
      this.#enter('build');
      const runtime = await this.#parts.runtimeFor(session.chip);
      const build = await this.#parts.build();
      this.#enter('back-up', 0);
      const nvs = findNvs(runtime.partitionTable);
      if (!nvs) throw stationError('back-up', 'refused', 'the runtime file has no NVS partition');
      const backup = await session.read(nvs.at, nvs.sizeBytes, (done, total) =>
        this.#enter('back-up', total === 0 ? null : done / total),
      );
      const changes = identityChanges(
        nodeFileOf(network, { ...node, mac: session.mac }),
        hasBootCounter(backup) ? {} : { firstBootAtMs: this.#parts.nowMs() },
      );
      const merged = mergeNvs(backup, changes);
      const regions = composeRegions({
        runtime,
        flashSizeBytes: session.flashSizeBytes,
        identity: [],
        modules: build.modules,
        boardNvs: merged.bytes,
      });
      const flash = await this.#compare(session, regions, runtime);
      const notes = notesOn(node, session.mac, merged.problems, merged.replaced);
      this.#plan = { node, flash, runtime, build, backup: { at: nvs.at, bytes: backup }, notes };
      return this.#plan;
    });
  }

  /** Carries the plan out, verifies it and starts the firmware; then the node is "flashed". @throws StationError `refused` ... */
  write(): Promise<void> {
    return this.#guard(async () => {
      const { session, plan } = this.#planned('write');
      const refusals = plan.flash.refusals.map((refusal) => refusal.message);
      if (refusals.length > 0) throw stationError('write', 'refused', refusals.join(' '));
      this.#enter('write', 0);
      await session.write(plan.flash, {
        signal: this.#signal,
        onProgress: (stage, done, total) =>
          this.#enter('write', total === 0 ? null : done / total, stage),
      });
      await this.#parts.fleet.updateNode(plan.node.id, (node) =>
        markFlashed(
          node,
          { mac: session.mac, chip: session.chip, firmware: plan.build.firmwareId },
          this.#parts.nowMs(),
        ),
      );
      this.#written = true;
      this.#enter('restart');
      await session.resetIntoFirmware();
      await session.close();
      this.#session = null;
    });
  }

  /** First words and handshake; then the node is "joined". May be repeated. @throws StationError */
  join(): Promise<NodeRecord> {
    return this.#guard(async () => {
      const plan = this.#plan;
      const facts = this.#facts;
      if (plan === null || facts === null || !this.#written) {
        throw stationError('hello', 'not-planned', 'the board was not written yet');
      }
      const { fleet } = this.#parts;
      this.#enter('hello');
      this.#heard = [];
      const board = await this.#openConsole();
      const hello = await board.waitForHello({ signal: this.#signal });
      if (hello.mac !== facts.mac) {
        throw stationError('hello', 'other-board', `${hello.mac} instead of ${facts.mac}`);
      }
      if (hello.firmware !== '' && hello.firmware !== plan.build.firmwareId) {
        throw stationError(
          'hello',
          'other-firmware',
          `${hello.firmware} instead of ${plan.build.firmwareId}`,
        );
      }
      this.#enter('join', 0);
      const network = await fleet.network();
      const node = await fleet.node(plan.node.id);
      const { proof } = await joinBoard(board, {
        network,
        node,
        mac: facts.mac,
        clock: this.#parts.clock,
        signal: this.#signal,
        onStage: (stage: JoinStage) =>
          this.#enter('join', JOIN_STAGES.indexOf(stage) / (JOIN_STAGES.length - 1)),
      });
      this.#enter('record');
      const joined = await fleet.updateNode(node.id, (record) =>
        confirmJoined(network, record, proof, this.#parts.nowMs()),
      );
      await this.#release();
      this.#enter('done', 1);
      return joined;
    });
  }

  /** Gives the port back, whatever state the job is in. Never rejects. */
  async close(): Promise<void> {
    await this.#release();
  }

  async #compare(
    session: FlashSession,
    regions: readonly Region[],
    runtime: RuntimeFile,
  ): Promise<FlashPlan> {
    const onBoard: Record<string, string> = {};
    const wanted: Record<string, string> = {};
    for (const [i, region] of regions.entries()) {
      this.#signal.throwIfAborted();
      this.#enter('compare', i / regions.length);
      onBoard[region.name] = await session.md5(region.at, region.bytes.length);
      wanted[region.name] = bytesToHex(await md5InSteps(region.bytes));
    }
    return planFlash({ ...pick(session), md5: onBoard }, regions, runtime.chip, wanted);
  }

  #planned(stage: StationStage): { session: FlashSession; plan: StationPlan } {
    if (this.#session === null || this.#plan === null) {
      throw stationError(stage, 'not-planned', 'open and plan come first');
    }
    return { session: this.#session, plan: this.#plan };
  }

  async #openConsole(): Promise<BoardConsole> {
    await this.#release();
    const board = await this.#parts.openConsole();
    this.#console = board;
    board.subscribe((event: ConsoleEvent) => {
      if (event.kind !== 'log' || event.text === '') return;
      this.#heard.push(event.text);
      if (this.#heard.length > HEARD_LINES) this.#heard.shift();
    });
    return board;
  }

  async #release(): Promise<void> {
    const session = this.#session;
    const board = this.#console;
    this.#session = null;
    this.#console = null;
    await session?.close();
    await board?.close();
  }

  /** Runs one step; what it throws gets words, and the port is given back. */
  async #guard<T>(step: () => Promise<T>): Promise<T> {
    try {
      this.#signal.throwIfAborted();
      return await step();
    } catch (error) {
      await this.#release().catch(() => undefined);
      if (this.#signal.aborted) throw this.#signal.reason;
      throw inStationWords(error, this.#stage, this.#heard.join('\n'));
    }
  }

  #enter(stage: StationStage, fraction: number | null = null, detail = ''): void {
    this.#stage = stage;
    const words = detail === '' ? STAGE_WORDS[stage] : `${STAGE_WORDS[stage]} (${detail})`;
    this.#options.onEvent?.({ stage, words, fraction });
  }
}

function pick(session: FlashSession): Pick<FlashSession, 'chip' | 'flashSizeBytes' | 'secured'> {
  return { chip: session.chip, flashSizeBytes: session.flashSizeBytes, secured: session.secured };
}

function notesOn(
  node: NodeRecord,
  mac: string,
  problems: readonly string[],
  replaced: boolean,
): string[] {
  const notes: string[] = [];
  if (node.mac !== null && node.mac !== mac) {
    notes.push(`The node "${node.name}" was the board ${node.mac}; ${mac} takes its place.`);
  }
  if (replaced) notes.push('The board had no readable settings; it gets new ones.');
  for (const problem of problems) notes.push(problem);
  return notes;
}

/** The whole job in one call. The port is given back in every case. @throws StationError, or the signal's reason */
export async function runStation(
  parts: StationParts,
  nodeId: string,
  options: StationOptions = {},
): Promise<NodeRecord> {
  const job = new StationJob(parts, options);
  try {
    await job.open();
    await job.plan(nodeId);
    await job.write();
    return await job.join();
  } finally {
    await job.close();
  }
}

/** Bytes that a plan will write, for people. */
export function plannedSizeBytes(plan: StationPlan): number {
  return plannedBytes(plan.flash);
}

/** Name for the file in which a backup of a board's settings is offered: tells board and content apart. */
export function backupFileName(mac: string, backup: StationPlan['backup']): string {
  const digest = bytesToHex(md5(backup.bytes)).slice(0, 8);
  return `settings-${mac.replaceAll(':', '')}-${digest}.bin`;
}
