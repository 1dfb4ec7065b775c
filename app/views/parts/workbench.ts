/**
 * The station's bench on the real parts: app/provision drives loader, console and handshake; the firmware is compiled in a
 * worker; a real board gets the runtime file that the person brought, a virtual one the labelled stand-in.
 */
import { systemClock } from '../../base/clock.ts';
import { openConsole } from '../../console/board-console.ts';
import { openSerialStream } from '../../console/byte-stream.ts';
import { flashWorker, openFlashSessionIn } from '../../flash/client.ts';
import type { FlashSession } from '../../flash/flash-session.ts';
import type { GrantedPorts } from '../../flash/returned.ts';
import type { RuntimeFile } from '../../image/region.ts';
import { bridgeOf, restartNote } from '../../link/bridges.ts';
import type { SerialPortLike } from '../../link/serial-port.ts';
import { StationJob } from '../../provision/station.ts';
import type { FirmwareBuild, StationEvent } from '../../provision/station-parts.ts';
import { checkRuntime } from '../../runtimes/check.ts';
import { standInRuntime } from '../../runtimes/stand-in.ts';
import type {
  BenchSession,
  BoardPort,
  BuildReport,
  ChipName,
  NetworkHandle,
  OnStage,
  OpenOptions,
  PlanReport,
  StoredRuntime,
  Workbench,
} from '../shared/ports.ts';
import type { BoardBackups } from './board-backups.ts';
import { networkOf } from './fleet-source.ts';
import { JobRate, storedRates } from './job-rate.ts';
import { copyToShelf } from './other-runtimes.ts';
import { isAway, isNative, ReturningBoard } from './returning.ts';
import type { KeptRuntimes } from './runtime-shelf.ts';
import type { SerialPorts } from './serial-ports.ts';

/** A build, and which source file takes how much of it. */
export interface ReportedBuild extends FirmwareBuild {
  readonly sources: BuildReport['sources'];
}

/** Compiles the whole firmware; rejects with an error of code `compile-failed` that carries the diagnostics. */
export type BuildFirmware = () => Promise<ReportedBuild>;

/** A virtual chip's USB is as fast as this asks for; on real ports the rate is learned. */
const VIRTUAL_BAUD = 921_600;

interface Built {
  readonly build: FirmwareBuild;
  readonly report: BuildReport;
}

export class StationBench implements Workbench {
  #ports: SerialPorts;
  #runtimes: KeptRuntimes;
  #build: BuildFirmware;
  /** Null without Web Serial. */
  #granted: GrantedPorts | null;
  #backups: BoardBackups;
  /** One worker serves every board. */
  #flasher = flashWorker();
  /** One report of a build serves every board that is given it; the person may choose another firmware in between. */
  #built: Built | null = null;
  /** Making and checking one takes some milliseconds. */
  readonly #standIns = new Map<ChipName, RuntimeFile>();
  #rates = storedRates(() => localStorage);

  constructor(
    ports: SerialPorts,
    runtimes: KeptRuntimes,
    build: BuildFirmware,
    granted: GrantedPorts | null,
    backups: BoardBackups,
  ) {
    this.#ports = ports;
    this.#runtimes = runtimes;
    this.#build = build;
    this.#granted = granted;
    this.#backups = backups;
  }

  async build(onStage: OnStage): Promise<BuildReport> {
    onStage('Compiling the firmware', 0, 0);
    return (await this.#builtNow()).report;
  }

  async open(
    port: BoardPort,
    network: NetworkHandle,
    onStage: OnStage,
    signal: AbortSignal,
    options: OpenOptions = {},
  ): Promise<BenchSession> {
    const serial = this.#ports.serialOf(port);
    const real = port.kind === 'real';
    const rate = real ? new JobRate(this.#rates, serial.getInfo(), options.baudRate) : null;
    const fleet = networkOf(network);
    const granted = this.#granted;
    const returning =
      real && granted && isNative(serial)
        ? new ReturningBoard({ ports: this.#ports, port, granted, signal })
        : null;
    let tell = onStage;
    const openLoader = async (
      at: SerialPortLike,
      how: { attempts?: number; reset?: boolean } = {},
    ): Promise<FlashSession> => {
      const session = await openFlashSessionIn(this.#flasher.start, at, {
        baudRate: rate?.asked ?? VIRTUAL_BAUD,
        ...how,
        signal,
        onStage: (stage) => {
          rate?.stage(stage);
          tell(LOADER_WORDS[stage], 0, 0);
        },
      });
      rate?.opened(session);
      return session;
    };
    const job = new StationJob(
      {
        fleet,
        clock: systemClock,
        nowMs: () => Date.now(),
        keepBackup: (backup) => this.#backups.keep(fleet, backup),
        openFlash: () => returning?.openFlash(openLoader) ?? openLoader(serial),
        openConsole: async () =>
          returning?.openConsole() ?? openConsole(await openSerialStream(serial)),
        runtimeFor: (chip) => this.#runtimeFor(port, chip),
        build: async () => (await this.#builtNow()).build,
      },
      { signal, onEvent: (event) => report(tell, event) },
    );
    /** Whatever speaks to the loader teaches something about the rate. */
    const onLine = async <T>(work: Promise<T>): Promise<T> => {
      try {
        return await work;
      } catch (error) {
        rate?.failed(error);
        throw error;
      }
    };
    /** Native USB that went away in the middle is waited for, once; what was written already is skipped. */
    const onReturn = async (
      work: () => Promise<void>,
      again: () => Promise<void>,
    ): Promise<void> => {
      try {
        await work();
      } catch (error) {
        if (!returning || signal.aborted || !isAway(error)) throw error;
        tell('The board went away: waiting for it to come back', 0, 0);
        await job.open();
        await again();
      }
    };
    let chosen = '';
    const facts = await onLine(job.open());
    return {
      facts,
      restartNote: real ? restartNote(bridgeOf(serial.getInfo()).kind) : null,
      async plan(nodeId, onStage) {
        tell = onStage;
        chosen = nodeId;
        return planReport(await onLine(job.plan(nodeId)));
      },
      restore: async (backupId, onStage) => {
        tell = onStage;
        await onLine(job.restore(await this.#backups.take(fleet, backupId)));
      },
      async write(onStage, _signal, options) {
        tell = onStage;
        const write = (): Promise<void> => onLine(job.write(options));
        await onReturn(write, async () => {
          await job.plan(chosen);
          await write();
        });
        rate?.worked();
      },
      async join(onStage) {
        tell = onStage;
        await job.join();
      },
      close: () => job.close(),
    };
  }

  async copyRuntime(
    port: BoardPort,
    onStage: OnStage,
    signal: AbortSignal,
  ): Promise<StoredRuntime> {
    const serial = this.#ports.serialOf(port);
    const rate = new JobRate(this.#rates, serial.getInfo());
    try {
      const session = await openFlashSessionIn(this.#flasher.start, serial, {
        baudRate: rate.asked,
        signal,
        onStage: (stage) => {
          rate.stage(stage);
          onStage(LOADER_WORDS[stage], 0, 0);
        },
      });
      rate.opened(session);
      try {
        return await copyToShelf(session, this.#runtimes, {
          signal,
          onProgress: (done, total) => onStage('Copying the runtime', done, total),
        });
      } finally {
        await session.resetIntoFirmware().catch(() => undefined);
        await session.close();
      }
    } catch (error) {
      rate.failed(error);
      throw error;
    }
  }

  async #builtNow(): Promise<Built> {
    const startedAtMs = performance.now();
    const build = await this.#build();
    if (this.#built?.build.firmwareId === build.firmwareId) return this.#built;
    this.#built = {
      build,
      report: {
        firmwareId: build.firmwareId,
        modules: build.modules.map(({ name, mpy }) => ({ name, sizeBytes: mpy.length })),
        sources: build.sources,
        tookMs: performance.now() - startedAtMs,
      },
    };
    return this.#built;
  }

  async #runtimeFor(port: BoardPort, chip: ChipName): Promise<RuntimeFile> {
    if (port.kind === 'real') return this.#runtimes.take(chip);
    const known = this.#standIns.get(chip);
    if (known) return known;
    const check = checkRuntime(standInRuntime(chip));
    if (!check.ok) throw new Error(`the stand-in runtime fails its own check: ${check.message}`);
    this.#standIns.set(chip, check.runtime);
    return check.runtime;
  }
}

const LOADER_WORDS = {
  connecting: 'Connecting to the loader',
  identifying: 'Reading chip and MAC address',
  'starting-helper': 'Starting the flasher on the chip',
  'changing-rate': 'Switching to a higher rate',
} as const;

/** A write says what it does at the moment; "Writing (writing)" would say it twice. */
const WRITE_WORDS: Record<string, string> = {
  'Writing (preparing)': 'Compressing',
  'Writing (erasing)': 'Erasing',
  'Writing (writing)': 'Writing',
  'Writing (verifying)': 'Verifying what was written',
  'Writing (finished)': 'Written and verified',
};

/** Fractions become thousandths, for the bar and the time left. */
function report(tell: OnStage, event: StationEvent): void {
  const words = WRITE_WORDS[event.words] ?? event.words;
  if (event.fraction === null) tell(words, 0, 0);
  else tell(words, Math.round(event.fraction * 1000), 1000);
}

function planReport(plan: Awaited<ReturnType<StationJob['plan']>>): PlanReport {
  const { flash, runtime } = plan;
  return {
    runtime: runtime.standIn
      ? `stand-in for virtual boards, in place of MicroPython ${runtime.version}`
      : `MicroPython ${runtime.version}`,
    writes: flash.writes.map(({ name, at, bytes }) => ({ name, at, sizeBytes: bytes.length })),
    skips: flash.skips.map(({ name, sizeBytes }) => ({ name, sizeBytes })),
    erases: flash.erases.map(({ at, sizeBytes }) => ({ at, sizeBytes })),
    refusals: flash.refusals.map((refusal) => refusal.message),
    notes: plan.notes,
    held: plan.held,
  };
}
