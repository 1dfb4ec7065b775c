/**
 * A virtual board: a chip (ROM loader, flash, serial port) and the firmware that it finds on its flash, running on MicroPython's
 * WebAssembly build; or, where a program is given, that program in V8 with the flash's NVS and nothing else of the flash.
 *
 * Power-on or reset -> ROM text (the chip) -> bootloader, partition table and application checked -> LittleFS and NVS read ->
 * boot.py, then main.py: its text before the last loop once, then that loop's condition again and again.
 *
 * NVS writes are on the flash at once. Files that the firmware writes are put on the flash at the end of the turn in which they
 * were closed, as a fresh LittleFS image (see writeFiles): a cut between turns keeps exactly the closed files.
 * The prompt takes single lines; there is no raw REPL.
 */
import { utf8 } from '../base/bytes.ts';
import { crc32 } from '../base/crc.ts';
import { seededRandom } from '../base/random.ts';
import type { SeededRandom } from '../base/random.ts';
import { ImageError } from '../image/image-error.ts';
import type { SerialPortLike } from '../link/serial-port.ts';
import type { VirtualEsp } from './virtual-chip.ts';
import { CHIPS } from './chips.ts';
import type { ChipName, ResetCause } from './chips.ts';
import { HEAP_BUDGET_BYTES } from './heap-budget.ts';
import { ConsoleRing, UART_RING_BYTES, USB_RING_BYTES } from './console-ring.ts';
import type { BoardActivity, BoardPlace, BoardWorld } from './board-world.ts';
import type { QueuedEvent } from './event-queue.ts';
import { splitOrWhole } from './main-split.ts';
import { openNvs, readBootImage, readFiles, usualBootImage, writeFiles } from './firmware-flash.ts';
import type { BootImage } from './firmware-flash.ts';
import type { Engine, EngineFile, EngineOptions, StepResult } from './engine.ts';
import { FlashPowerLost } from './flash-chip.ts';
import type { FlashChip } from './flash-chip.ts';
import { Prompt } from './prompt.ts';
import { Session } from './session.ts';
import { V8Engine } from './v8/engine.ts';
import type { Program } from './v8/program.ts';
import { Vm } from './vm.ts';
import { Wireless } from './wireless.ts';
import type { WirelessClock } from './wireless.ts';

/** machine.reset_cause() on stock builds (platform facts, section 14): EN counts as power-on. */
const RESET_CAUSE: Readonly<Record<ResetCause, number>> = {
  'power-on': 1,
  external: 1,
  software: 2,
  watchdog: 3,
  'deep-sleep': 4,
};
const SOFT_RESET = 5;
/** A chip that cannot start tries again after this. */
const BOOT_LOOP_US = 500_000;
/** From the end of _boot.py to the start of main.py after a soft reset. */
const SOFT_BOOT_US = 300_000;

const STEP = (engine: Engine): StepResult => engine.step();

export class VirtualBoard {
  readonly chipParts: VirtualEsp;
  readonly wireless: Wireless;
  name: string;
  /** By how much its crystal runs fast, in parts of a million. */
  readonly driftPpm: number;
  /** Everything the firmware prints, as it leaves the board. */
  onConsole: (bytes: Uint8Array) => void = () => undefined;
  readonly #world: BoardWorld;
  readonly #random: SeededRandom;
  readonly #input: ConsoleRing;
  readonly #program: Program | undefined;
  readonly #usesUart: boolean;
  #activity: BoardActivity = 'off';
  #session: Session | undefined;
  #boot: BootImage | undefined;
  #prompt: Prompt | undefined;
  #startUs = 0;
  /** machine.RTC().memory(): kept through resets and deep sleep. */
  #rtcMemory: Uint8Array = new Uint8Array();
  #seenFileChanges = 0;
  #usedBlocks = 0;
  #pending: QueuedEvent | undefined;

  constructor(chip: VirtualEsp, world: BoardWorld, place: BoardPlace) {
    this.chipParts = chip;
    this.name = place.name ?? chip.mac;
    this.#world = world;
    this.#program = place.program;
    this.#usesUart = CHIPS[chip.chip].usualPort === 'bridge';
    this.#input = new ConsoleRing(this.#usesUart ? UART_RING_BYTES : USB_RING_BYTES);
    const id = chip.mac.replaceAll(':', '');
    this.#random = seededRandom(crc32(utf8(id), world.entropy >>> 0));
    const drift = seededRandom(crc32(utf8(`crystal ${id}`), world.entropy >>> 0));
    this.driftPpm = world.driftPpm * (2 * drift.next01() - 1);
    const clock: WirelessClock = {
      nowUs: () => this.#session?.localUs() ?? world.queue.nowUs,
      uptimeMs: () =>
        Math.floor(((world.queue.nowUs - this.#startUs) / 1000) * (1 + this.driftPpm / 1e6)),
      waitUntil: (us) => this.#session?.waitUntil(us),
      wake: () => this.#wake('frame'),
      at: (us, run) => world.queue.at(us, run),
    };
    const position = { x: place.x, y: place.y };
    this.wireless = new Wireless(id, position, world.medium, clock, chip.chip);
    world.medium.add(this.wireless);
    chip.onRun = (cause) => this.#onRun(cause);
    chip.onStop = () => this.#onStop();
    chip.onConsoleInput = (bytes) => this.#onInput(bytes);
  }

  get mac(): string {
    return this.chipParts.mac;
  }

  get chip(): ChipName {
    return this.chipParts.chip;
  }

  get flash(): FlashChip {
    return this.chipParts.flash;
  }

  get port(): SerialPortLike {
    return this.chipParts.port;
  }

  get activity(): BoardActivity {
    if (this.chipParts.state === 'download') return 'download';
    return this.#activity;
  }

  /** Turns since the start, and MicroPython's heap in use. */
  measure(): { turns: number; heapBytes: number; droppedInput: number } {
    const session = this.#session;
    return {
      turns: session?.turns ?? 0,
      heapBytes: session && this.#activity === 'running' ? session.engine.heapUsed() : 0,
      droppedInput: this.#input.dropped,
    };
  }

  powerOn(): void {
    this.#world.present();
    this.chipParts.powerOn();
  }

  powerOff(): void {
    this.#world.present();
    this.chipParts.powerOff();
  }

  reset(mode: 'run' | 'download'): void {
    this.#world.present();
    this.chipParts.reset(mode, 'external');
  }

  /** Holds or lets go the BOOT button. */
  pressBoot(down: boolean): void {
    this.chipParts.bootButton = down;
  }

  unplug(): void {
    this.#world.present();
    this.chipParts.unplug();
  }

  plug(): void {
    this.#world.present();
    this.chipParts.plug();
  }

  move(x: number, y: number): void {
    this.#world.medium.move(this.wireless, { x, y });
  }

  /** World time as the firmware's turn has it; microseconds. */
  get localUs(): number {
    return this.#session?.localUs() ?? this.#world.queue.nowUs;
  }

  /** Types at the console without going through the port. */
  type(bytes: Uint8Array): void {
    this.#world.present();
    if (this.chipParts.state === 'run') this.#onInput(bytes);
  }

  remove(): void {
    this.chipParts.powerOff();
    this.#world.medium.remove(this.wireless);
  }

  #become(activity: BoardActivity): void {
    this.#activity = activity;
    this.#world.onActivity(this);
  }

  #onStop(): void {
    this.#endSession();
    this.wireless.powerOff(false);
    this.#become('off');
  }

  #endSession(): void {
    if (this.#session) {
      this.#session.dead = true;
      if (this.#session.next) this.#session.next.cancelled = true;
    }
    this.#session = undefined;
    this.#prompt = undefined;
    if (this.#pending) this.#pending.cancelled = true;
  }

  #onRun(cause: ResetCause): void {
    this.#world.present();
    this.#startUs = this.#world.queue.nowUs;
    if (cause === 'power-on' || cause === 'external') this.#rtcMemory = new Uint8Array();
    const boot = this.#program
      ? usualBootImage(this.flash, this.chip)
      : readBootImage(this.flash, this.chip);
    if (!boot.ok) {
      this.#bootLoop(boot.text);
      return;
    }
    this.#boot = boot;
    this.#startRuntime(RESET_CAUSE[cause], this.#world.bootUs);
  }

  #bootLoop(text: string): void {
    this.#become('boot-loop');
    this.#pending = this.#world.queue.at(this.#world.queue.nowUs + BOOT_LOOP_US, () => {
      this.#output(utf8(text));
      this.#bootLoop(text);
    });
  }

  #startRuntime(resetCause: number, delayUs: number): void {
    this.#become('booting');
    this.#pending = this.#world.queue.at(this.#world.queue.nowUs + delayUs, () =>
      this.#loadRuntime(resetCause),
    );
  }

  async #loadRuntime(resetCause: number): Promise<void> {
    const boot = this.#boot;
    if (!boot) return;
    const { fileSystem, nvs } = boot;
    let stored: ReturnType<typeof readFiles>;
    let store: ReturnType<typeof openNvs>;
    try {
      stored = this.#program ? { files: [], usedBlocks: 0 } : readFiles(this.flash, fileSystem);
      store = nvs && openNvs(this.flash, nvs);
    } catch (error) {
      if (error instanceof FlashPowerLost) return; // power went while the flash was being repaired
      throw error;
    }
    if (!stored) {
      this.#bootLoop(
        'The filesystem appears to be corrupted. If you had important data there, you\r\n' +
          'may want to make a flash snapshot to try to recover it. Otherwise, perform\r\n' +
          'factory reprogramming of MicroPython firmware (completely erase flash, followed\r\n' +
          'by firmware programming).\r\n',
      );
      return;
    }
    this.#usedBlocks = stored.usedBlocks;
    const { onTurn } = this.#world;
    const bootPin = this.chip === 'esp32c3' || this.chip === 'esp32c6' ? 9 : 0;
    this.#input.clear();
    this.#input.interruptByte = 3;
    const session = new Session({
      queue: this.#world.queue,
      wireless: this.wireless,
      input: this.#input,
      random: this.#random,
      runtime: boot.runtime,
      nvs: store,
      resetCause,
      vfsBlocks: Math.floor(fileSystem.sizeBytes / 4096),
      heapBytes: HEAP_BUDGET_BYTES[this.chip],
      startUs: this.#startUs,
      uart: this.#usesUart,
      createEngine: (options) => this.#createEngine(options),
      heapIsModelled: this.#world.heapIsModelled || this.#program !== undefined,
      quietTicks: this.#world.quietTicks,
      driftPpm: this.driftPpm,
      onNvsWrite: (key, size) => this.#world.onNvsWrite(this, key, size),
      usedBlocks: () => this.#usedBlocks,
      readRtc: () => this.#rtcMemory,
      writeRtc: (bytes) => {
        this.#rtcMemory = bytes;
      },
      onOutput: (bytes) => this.#output(bytes),
      onPin: (pin, value) => this.#world.onPin(this, pin, value),
      onTurn: this.#program || !onTurn ? undefined : () => onTurn(this.mac),
      inputLevel: (pin) => (pin === bootPin && !this.chipParts.bootButton ? 1 : 0),
    });
    this.#session = session;
    const engine = await session.load();
    if (session.dead) return;
    for (const { path, bytes } of stored.files) {
      if (bytes) engine.writeFile(path, bytes);
      else engine.makeFolder(path);
    }
    this.#seenFileChanges = engine.fileChanges;
    this.#become('running');
    if (this.#program) this.#turn(session, (started) => started.start('main.py', '', '', ''));
    else this.#runFiles(session, stored.files);
  }

  #createEngine(options: EngineOptions): Engine | Promise<Engine> {
    return this.#program
      ? new V8Engine(this.#program, options)
      : Vm.create({ ...options, wasmUrl: this.#world.wasmUrl });
  }

  #runFiles(session: Session, files: readonly EngineFile[]): void {
    const text = (path: string): string | undefined => {
      const bytes = files.find((file) => file.path === path)?.bytes;
      return bytes ? new TextDecoder().decode(bytes) : undefined;
    };
    const bootPy = text('/boot.py');
    const mainPy = text('/main.py');
    const main = (): void => {
      if (session.dead) return;
      if (mainPy === undefined) {
        this.#enterPrompt(session);
        return;
      }
      const { setup, step, onError } = splitOrWhole(mainPy);
      this.#turn(session, (engine) => engine.start('main.py', setup, step, onError));
    };
    if (bootPy === undefined) {
      main();
      return;
    }
    const { result, doneUs } = session.turn((engine) => engine.start('boot.py', bootPy, '', ''));
    if (session.dead) return;
    if (result === 'ended') session.next = this.#world.queue.at(doneUs, main);
    else if (result === 'stopped') this.#performStop(session, doneUs);
    else session.next = this.#world.queue.at(doneUs, () => this.#enterPrompt(session));
  }

  #turn(session: Session, run: Parameters<Session['turn']>[0]): void {
    if (session.dead) return;
    const { queue } = this.#world;
    if (session.watchdogAtUs <= queue.nowUs) {
      session.stop({ kind: 'watchdog' });
      this.#performStop(session, queue.nowUs);
      return;
    }
    const { result, doneUs } = session.turn(run);
    if (session.dead) return;
    this.#storeFiles(session);
    if (session.dead) return;
    switch (result) {
      case 'again':
        this.#nextTurn(session, session.nextTurnUs);
        return;
      case 'stopped':
        this.#performStop(session, doneUs);
        return;
      case 'ended':
      case 'raised':
        session.next = queue.at(doneUs, () => this.#enterPrompt(session));
    }
  }

  #nextTurn(session: Session, atUs: number): void {
    session.step ??= () => this.#turn(session, STEP);
    session.next = this.#world.queue.at(atUs, session.step);
  }

  /** Something came for the board: an idle one takes its next turn at once. */
  #wake(cause: 'frame' | 'byte'): void {
    const session = this.#session;
    if (!session?.idle || !session.next || this.#activity !== 'running') return;
    const atUs = session.wakeUs(cause);
    if (session.next.atUs <= atUs) return;
    session.next.cancelled = true;
    this.#nextTurn(session, atUs);
  }

  /** Files that were closed or removed in the last turn go to the flash. */
  #storeFiles(session: Session): void {
    if (session.engine.fileChanges === this.#seenFileChanges || !this.#boot) return;
    this.#seenFileChanges = session.engine.fileChanges;
    try {
      this.#usedBlocks = writeFiles(this.flash, this.#boot.fileSystem, session.engine.listFiles());
    } catch (error) {
      if (error instanceof FlashPowerLost) return;
      if (!(error instanceof ImageError)) throw error;
      session.print(
        utf8(`[virtual board: the files do not fit on the flash: ${error.message}]\n`),
        true,
      );
      session.flush();
    }
  }

  #performStop(session: Session, atUs: number): void {
    const { queue } = this.#world;
    session.next = queue.at(atUs, () => {
      if (session.dead) return;
      const request = session.stopRequest ?? { kind: 'reset' };
      switch (request.kind) {
        case 'reset':
          this.wireless.powerOff(true);
          this.chipParts.reset('run', 'software');
          return;
        case 'watchdog':
          this.chipParts.reset('run', 'watchdog');
          return;
        case 'crash':
          this.#output(
            utf8(
              "Guru Meditation Error: Core  0 panic'ed (LoadProhibited). Exception was unhandled.\r\n\r\nRebooting...\r\n",
            ),
          );
          this.chipParts.reset('run', 'software');
          return;
        case 'soft':
          this.#softReset();
          return;
        case 'deep-sleep':
          this.#sleepDeeply(request.ms);
      }
    });
  }

  #softReset(): void {
    this.#output(utf8('MPY: soft reboot\r\n'));
    this.#endSession();
    this.wireless.softReset();
    this.#startRuntime(SOFT_RESET, SOFT_BOOT_US);
  }

  #sleepDeeply(ms: number): void {
    this.#onStop();
    this.#become('asleep');
    if (ms === 0) return; // for ever, or until somebody presses EN
    this.#pending = this.#world.queue.at(this.#world.queue.nowUs + ms * 1000, () =>
      this.chipParts.reset('run', 'deep-sleep'),
    );
  }

  #enterPrompt(session: Session): void {
    if (session.dead) return;
    this.#input.interruptByte = 3;
    session.interruptPending = false;
    session.stopRequest = undefined;
    this.#prompt = new Prompt({
      banner: `MicroPython ${session.runtime.text}; ${session.runtime.machine}\r\nType "help()" for more information.\r\n`,
      write: (text) => this.#output(utf8(text)),
      softReset: () => this.#softReset(),
      run: (line, again) => {
        const { result, doneUs } = session.turn((engine) => engine.line(line));
        if (session.dead) return;
        this.#storeFiles(session);
        if (result === 'stopped') this.#performStop(session, doneUs);
        else
          session.next = this.#world.queue.at(doneUs, () => {
            if (!session.dead) again();
          });
      },
    });
    this.#become('prompt');
    const bite = session.watchdogAtUs;
    if (bite !== Infinity) {
      session.next = this.#world.queue.at(bite, () => {
        if (!session.dead) this.chipParts.reset('run', 'watchdog');
      });
    }
    this.#drainToPrompt();
  }

  #onInput(bytes: Uint8Array): void {
    this.#world.present();
    const interrupted = this.#input.push(bytes);
    if (this.#prompt) {
      if (interrupted) this.#prompt.interrupt();
      this.#drainToPrompt();
      return;
    }
    const session = this.#session;
    if (!session || this.#activity !== 'running') return;
    if (!interrupted) {
      this.#wake('byte');
      return;
    }
    session.idle = false;
    session.interruptPending = session.stopRequest === undefined;
    // Even out of a long sleep, or out of the pause before a reset.
    if (session.next) session.next.cancelled = true;
    const stopping = session.stopRequest !== undefined;
    session.stopRequest = undefined;
    session.next = this.#world.queue.at(this.#world.queue.nowUs, () =>
      this.#turn(session, (engine) =>
        stopping ? engine.line('raise KeyboardInterrupt') : engine.step(),
      ),
    );
  }

  #drainToPrompt(): void {
    while (this.#prompt && !this.#prompt.busy) {
      const byte = this.#input.take();
      if (byte < 0) return;
      this.#prompt.type(byte);
    }
  }

  #output(bytes: Uint8Array): void {
    this.chipParts.writeConsole(bytes);
    this.onConsole(bytes);
  }
}
