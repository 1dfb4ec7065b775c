/** The one place that picks real or virtual parts, and joins them to the screens. */
import { mount } from 'svelte';
import App from './App.svelte';
import { bytesToHex } from './base/bytes.ts';
import { BlobStore } from './fleet/blob-store.ts';
import { serialSupport } from './link/web-serial.ts';
import { RuntimeChecker } from './runtimes/check-client.ts';
import { BoardBackups } from './views/parts/board-backups.ts';
import { KeptChoices } from './views/parts/choice-store.ts';
import { consoleOpener } from './views/parts/console-opener.ts';
import { fleetSource } from './views/parts/fleet-source.ts';
import { KeptJobs } from './views/parts/kept-jobs.ts';
import { SiteRuntimes } from './views/parts/other-runtimes.ts';
import { KeptPlan } from './views/parts/plan-store.ts';
import { PageLife } from './views/parts/page-life.ts';
import { KeptRuntimes } from './views/parts/runtime-shelf.ts';
import { realPorts, SerialPorts } from './views/parts/serial-ports.ts';
import { choiceFor } from './views/network/router-setting.ts';
import type { CompilerWorks } from './firmware.ts';
import type { ReportedBuild, StationBench } from './views/parts/workbench.ts';
import { AppModel } from './views/shared/app-model.svelte.ts';
import type { FirmwareWorks } from './views/shared/firmware-ports.ts';
import type { Parts, VirtualBoards, Workbench } from './views/shared/ports.ts';
import type { Rehearsals } from './views/shared/rehearse-ports.ts';
import './views/shared/theme.css';

const nowMs = (): number => Date.now();
const ports = new SerialPorts();
const runtimes = new KeptRuntimes(indexedDB, nowMs, new RuntimeChecker().check);
const serial = serialSupport(window);
const pageId = bytesToHex(crypto.getRandomValues(new Uint8Array(8)));
const jobs = new KeptJobs(new PageLife(navigator.locks, pageId));
const backups = new BoardBackups();

/** The compiler's side, with the firmware's sources; loads with the first build. */
let works: Promise<CompilerWorks> | null = null;
let loadedWorks: CompilerWorks | null = null;
function loadWorks(): Promise<CompilerWorks> {
  works ??= import('./firmware.ts').then(
    ({ CompilerWorks }) => (loadedWorks = new CompilerWorks()),
  );
  return works;
}
const lazyWorks: FirmwareWorks = {
  offers: async () => (await loadWorks()).offers(),
  build: async (...args) => (await loadWorks()).build(...args),
  suggest: async (...args) => (await loadWorks()).suggest(...args),
  measureHeap: async (...args) => (await loadWorks()).measureHeap(...args),
  translate: (text, firmwareId) => loadedWorks?.translate(text, firmwareId) ?? null,
};
/** Boards are given what the Firmware screen says at that moment. */
const buildChosen = (made: CompilerWorks) => async (): Promise<ReportedBuild> =>
  made.buildForBoards(
    choiceFor(await app.firmware.settled(), app.network.open?.router ?? null),
    () => undefined,
  );

/** Compiler, flasher and handshake load with the first board. */
let bench: Promise<StationBench> | null = null;
function loadBench(): Promise<StationBench> {
  bench ??= Promise.all([import('./views/parts/workbench.ts'), loadWorks()]).then(
    ([{ StationBench }, works]) =>
      new StationBench(
        ports,
        runtimes,
        buildChosen(works),
        serial.ok ? serial.serial : null,
        backups,
      ),
  );
  return bench;
}
const lazyBench: Workbench = {
  build: async (onStage) => (await loadBench()).build(onStage),
  open: async (...args) => (await loadBench()).open(...args),
  copyRuntime: async (...args) => (await loadBench()).copyRuntime(...args),
};

/** Comes with the Rehearse screen. */
const loadRehearsals = (): Promise<Rehearsals> =>
  import('./rehearsals.ts').then(({ WorkerRehearsals }) => new WorkerRehearsals(loadWorks));

/** What virtual boards leave behind; opened with the first question for it. */
let kept: Promise<BlobStore> | null = null;
function keptBoards(): Promise<BlobStore> {
  kept ??= BlobStore.open();
  return kept;
}

let world: Promise<VirtualBoards> | null = null;
function loadWorld(): Promise<VirtualBoards> {
  world ??= Promise.all([import('./virtual-boards.ts'), keptBoards()]).then(
    ([{ virtualBoards }, blobs]) => virtualBoards(ports, blobs),
  );
  return world;
}

const parts: Parts = {
  fleet: fleetSource(nowMs, async (id) => {
    await (await keptBoards()).removeNetwork(id);
    await Promise.all([jobs.removeNetwork(id), backups.removeNetwork(id)]);
  }),
  realPorts: serial.ok ? realPorts(serial.serial, ports) : null,
  virtualBoards: loadWorld,
  hasKeptBoards: async (networkId) => (await (await keptBoards()).count(networkId)) > 0,
  consoles: consoleOpener(ports),
  bench: lazyBench,
  choices: new KeptChoices(indexedDB, new BroadcastChannel('meshwright-firmware')),
  firmware: lazyWorks,
  rehearsals: loadRehearsals,
  plans: new KeptPlan(indexedDB),
  jobs,
  backups,
  runtimes,
  siteRuntimes: new SiteRuntimes(
    runtimes,
    (url) => fetch(url),
    new URL('.', document.baseURI).href,
  ),
};

const app = new AppModel(parts, window);
const target = document.getElementById('app');
if (!target) throw new Error('index.html has no element #app');
mount(App, { target, props: { app } });
void app.start();

if (import.meta.env.PROD) {
  void app.offline.start(navigator.serviceWorker, async () => {
    const { Workbox } = await import('workbox-window');
    return new Workbox('./service-worker.js');
  });
}
