/** Everything the screens share, made once in main.ts. */
import { ConsoleModel } from '../console/console.svelte.ts';
import { FirmwareModel } from '../firmware/firmware.svelte.ts';
import { MeshModel } from '../mesh/mesh.svelte.ts';
import { NetworkModel } from '../network/network.svelte.ts';
import { Readiness } from '../start/readiness.svelte.ts';
import { RuntimesModel } from './runtimes.svelte.ts';
import { BackupsModel } from '../station/backups.svelte.ts';
import { JobBook } from '../station/job-book.svelte.ts';
import { StationModel } from '../station/station.svelte.ts';
import { Boards } from './boards.svelte.ts';
import { Jobs } from './jobs.svelte.ts';
import { Offline } from './offline.svelte.ts';
import type { Parts } from './ports.ts';
import { Router } from './router.svelte.ts';
import { Theme } from './theme.svelte.ts';

export class AppModel {
  readonly theme: Theme;
  readonly router: Router;
  readonly jobs: Jobs;
  readonly offline = new Offline();
  readonly boards: Boards;
  readonly network: NetworkModel;
  readonly runtimes: RuntimesModel;
  readonly backups: BackupsModel;
  readonly firmware: FirmwareModel;
  readonly station: StationModel;
  readonly mesh: MeshModel;
  readonly console: ConsoleModel;
  readonly readiness: Readiness;
  /** For the Rehearse screen, whose model comes with its code. */
  readonly rehearsing: Pick<Parts, 'rehearsals' | 'plans'>;

  constructor(parts: Parts, target: Window) {
    this.rehearsing = parts;
    this.theme = new Theme(storageOf(target), target.matchMedia('(prefers-color-scheme: dark)'));
    this.router = new Router(target);
    this.jobs = new Jobs(target);
    this.boards = new Boards(parts);
    const book = new JobBook(parts.jobs);
    this.network = new NetworkModel(parts.fleet, async (handle) => {
      const nameOf = (mac: string): string | null => this.network.nodeByMac(mac)?.name ?? null;
      await Promise.all([
        this.boards.restore(handle, nameOf),
        book.load(handle),
        this.backups.load(handle),
      ]);
    });
    this.backups = new BackupsModel(parts.backups);
    this.runtimes = new RuntimesModel(parts, this.jobs);
    this.firmware = new FirmwareModel(parts.firmware, parts.choices, this.jobs);
    this.station = new StationModel(parts.bench, this.boards, this.network, this.jobs, book);
    this.mesh = new MeshModel(this.boards, this.network);
    this.console = new ConsoleModel(this.boards, this.firmware);
    this.readiness = new Readiness(target, this.offline, this.runtimes, this.boards.hasWebSerial);
  }

  async start(): Promise<void> {
    await Promise.all([
      this.network.load(),
      this.runtimes.load(),
      this.firmware.load(),
      this.boards.refresh(),
      this.readiness.check(),
    ]);
  }
}

/** Reading `localStorage` throws where storage is blocked. */
function storageOf(target: Window): Storage | null {
  try {
    return target.localStorage;
  } catch {
    return null;
  }
}
