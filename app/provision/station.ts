/**
 * One board's whole job: loader, plan, flash, first words, handshake, record. Real and virtual boards go through here
 * alike: whoever makes the job passes in how to open the loader and the console (station-parts.ts).
 *
 *   open -> plan -> write -> join            each may be called again after a failure; the fleet is told only what happened:
 *       |             |       |              "flashed" once every region was verified, "joined" once the board proved it
 *       `-> restore                          a membership that is replaced was kept before the first byte is written
 */
import { bytesToHex } from '../base/bytes.ts';
import { md5InSteps } from '../base/digest.ts';
import type { BoardConsole, ConsoleEvent } from '../console/board-console.ts';
import type { FlashSession } from '../flash/flash-session.ts';
import type { FlashPlan } from '../flash/plan.ts';
import { planFlash } from '../flash/plan.ts';
import { checkMac } from '../fleet/check.ts';
import type { NodeRecord } from '../fleet/record.ts';
import { confirmJoined, markFlashed } from '../fleet/record.ts';
import { composeRegions } from '../image/compose.ts';
import { ImageError } from '../image/image-error.ts';
import { mergeNvs } from '../image/nvs/nvs.ts';
import { fileSystemExtent, findNvs } from '../image/partition-table.ts';
import type { Region, RuntimeFile } from '../image/region.ts';
import type { BoardBackup } from './backup-file.ts';
import { heldIdentity } from './held.ts';
import { hasBootCounter, identityChanges, identityOf, nodeFileOf } from './identity.ts';
import { planRestore } from './restore.ts';
import type { JoinStage } from './session.ts';
import { JOIN_STAGES, joinBoard } from './session.ts';
import type { StationStage } from './station-error.ts';
import { inStationWords, STAGE_WORDS, stationError } from './station-error.ts';
import type { BoardFacts, StationOptions, StationParts, StationPlan } from './station-parts.ts';
import { notesOn } from './station-parts.ts';

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
      refuseSmallFlash(session, runtime);
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
      const held = heldIdentity(backup, network, node);
      const notes = notesOn(node, session.mac, merged.problems, merged.replaced);
      this.#plan = {
        node,
        flash,
        runtime,
        build,
        backup: { at: nvs.at, bytes: backup },
        held,
        notes,
      };
      return this.#plan;
    });
  }

  /**
   * Carries the plan out, verifies it and starts the firmware; then the node is "flashed". A membership that is replaced is kept
   * first; that of another network is replaced only when told so.
   * @throws StationError `refused` | `foreign-identity` | `backup-failed` ...
   */
  write(options: { readonly replaceForeign?: boolean } = {}): Promise<void> {
    return this.#guard(async () => {
      const { session, plan } = this.#planned('write');
      const refusals = plan.flash.refusals.map((refusal) => refusal.message);
      if (refusals.length > 0) throw stationError('write', 'refused', refusals.join(' '));
      if (plan.held.kind === 'foreign' && options.replaceForeign !== true) {
        throw stationError('write', 'foreign-identity', `it is "${plan.held.name}" there`);
      }
      const replaces = [...plan.flash.writes, ...plan.flash.erases].some(
        ({ name }) => name === 'identity',
      );
      if (replaces && plan.held.kind !== 'none') {
        await this.#keep(session, plan.backup, plan.held.name);
      }
      await this.#carryOut(session, plan.flash);
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

  /**
   * Puts a backed-up membership back, keeping what it replaces, and starts the board. The fleet is told nothing: the board says
   * itself whose it is. @throws StationError `backup-of-other-board` | `backup-empty` | `backup-failed` ...
   */
  restore(backup: BoardBackup): Promise<void> {
    return this.#guard(async () => {
      const session = this.#session;
      if (session === null) throw stationError('back-up', 'not-planned', 'the loader is not open');
      this.#plan = null;
      this.#enter('back-up');
      const { flash, now } = await planRestore(session, backup);
      if (identityOf(now.bytes).length > 0) await this.#keep(session, now, '');
      await this.#carryOut(session, flash);
      this.#enter('restart');
      await session.resetIntoFirmware();
      await this.#release();
      this.#enter('done', 1);
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

  /** Gives the port back, whatever state the job is in; a board that waited in its loader is started again. Never rejects. */
  async close(): Promise<void> {
    await this.#session?.resetIntoFirmware().catch(() => undefined);
    await this.#release().catch(() => undefined);
  }

  async #keep(
    { mac, chip }: FlashSession,
    settings: StationPlan['backup'],
    name: string,
  ): Promise<void> {
    this.#enter('back-up');
    try {
      const atMs = this.#parts.nowMs();
      await this.#parts.keepBackup({ mac, chip, atMs, name, ...settings });
    } catch (error) {
      throw stationError('back-up', 'backup-failed', String(error));
    }
    this.#signal.throwIfAborted();
  }

  async #carryOut(session: FlashSession, plan: FlashPlan): Promise<void> {
    this.#enter('write', 0);
    await session.write(plan, {
      signal: this.#signal,
      onProgress: (stage, done, total) =>
        this.#enter('write', total === 0 ? null : done / total, stage),
    });
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

/** The runtime's partitions and a file system must fit, before anything is built or read for them. */
function refuseSmallFlash({ flashSizeBytes }: FlashSession, runtime: RuntimeFile): void {
  try {
    fileSystemExtent(runtime.partitionTable, flashSizeBytes);
  } catch (error) {
    if (!(error instanceof ImageError)) throw error;
    throw stationError('build', 'small-flash', error.message);
  }
}

function pick(session: FlashSession): Pick<FlashSession, 'chip' | 'flashSizeBytes' | 'secured'> {
  return { chip: session.chip, flashSizeBytes: session.flashSizeBytes, secured: session.secured };
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
