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
import type { SerialPortLike } from '../link/serial-port.ts';
import type { VirtualEsp } from './virtual-chip.ts';
import { CHIPS } from './chips.ts';
import type { ChipName, ResetCause } from './chips.ts';
import { HEAP_BUDGET_BYTES } from './heap-budget.ts';
import {
  BOOT_LOOP_US,
  FILES_CORRUPTED_TEXT,
  PANIC_TEXT,
  RESET_CAUSE,
  SOFT_BOOT_US,
  SOFT_RESET,
} from './boot-facts.ts';
import { ConsoleRing, UART_RING_BYTES, USB_RING_BYTES } from './console-ring.ts';
import { BoardClock } from './board-clock.ts';
import type { BoardActivity, BoardPlace, BoardWorld } from './board-world.ts';
import type { QueuedEvent } from './event-queue.ts';
import { readBootImage, readStored, usualBootImage, writeFiles } from './firmware-flash.ts';
import type { BootImage } from './firmware-flash.ts';
import type { Engine, EngineOptions } from './engine.ts';
import { FirmwareRun } from './firmware-run.ts';
import type { RunSeat, StopKind } from './firmware-run.ts';
import type { FlashChip } from './flash-chip.ts';
import { Session } from './session.ts';
import { V8Engine } from './v8/engine.ts';
import type { Program } from './v8/program.ts';
import { Vm } from './vm.ts';
import { Wireless } from './wireless.ts';

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
  /** With the run of its firmware, from the runtime's start to the next reset. */
  readonly #clock: BoardClock;
  #activity: BoardActivity = 'off';
  #boot: BootImage | undefined;
  /** machine.RTC().memory(): kept through resets and deep sleep. */
  #rtcMemory: Uint8Array = new Uint8Array();
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
    this.#clock = new BoardClock(world.queue, this.driftPpm);
    const position = { x: place.x, y: place.y };
    this.wireless = new Wireless(id, position, world.medium, this.#clock, chip.chip);
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

  /** The longest turn of the firmware since it started, the start aside (session.ts). */
  get longestTurnMs(): number {
    return (this.#clock.run?.session.longestTurnUs ?? 0) / 1000;
  }

  /** Turns since the start, and MicroPython's heap in use. */
  measure(): { turns: number; heapBytes: number; droppedInput: number } {
    const session = this.#clock.run?.session;
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

  /** Its loop stands still for so long, from its next turn on; the radio and the serial line go on taking what they have room for. */
  stall(ms: number): void {
    this.#clock.run?.session.stall(ms * 1000);
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
    return this.#clock.nowUs();
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
    this.#endRun();
    this.wireless.powerOff(false);
    this.#become('off');
  }

  #endRun(): void {
    this.#clock.run?.end();
    this.#clock.run = undefined;
    if (this.#pending) this.#pending.cancelled = true;
  }

  #onRun(cause: ResetCause): void {
    this.#world.present();
    this.#clock.startUs = this.#world.queue.nowUs;
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
    const { fileSystem } = boot;
    const stored = readStored(this.flash, boot, this.#program === undefined);
    if (stored === 'power lost') return;
    if (!stored) {
      this.#bootLoop(FILES_CORRUPTED_TEXT);
      return;
    }
    this.#usedBlocks = stored.usedBlocks;
    const { onTurn } = this.#world;
    this.#input.clear();
    this.#input.interruptByte = 3;
    const session = new Session({
      queue: this.#world.queue,
      wireless: this.wireless,
      input: this.#input,
      random: this.#random,
      runtime: boot.runtime,
      nvs: stored.nvs,
      resetCause,
      vfsBlocks: Math.floor(fileSystem.sizeBytes / 4096),
      heapBytes: HEAP_BUDGET_BYTES[this.chip],
      startUs: this.#clock.startUs,
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
      bootPin: this.chip === 'esp32c3' || this.chip === 'esp32c6' ? 9 : 0,
      button: this.chipParts,
    });
    const run = new FirmwareRun(session, this.#seatOf(fileSystem));
    this.#clock.run = run;
    const engine = await session.load();
    if (session.dead) return;
    for (const { path, bytes } of stored.files) {
      if (bytes) engine.writeFile(path, bytes);
      else engine.makeFolder(path);
    }
    this.#become('running');
    if (this.#program) run.startProgram();
    else run.startFiles(stored.files);
  }

  #seatOf(fileSystem: BootImage['fileSystem']): RunSeat {
    return {
      queue: this.#world.queue,
      input: this.#input,
      become: (activity) => this.#become(activity),
      output: (bytes) => this.#output(bytes),
      store: (files) => {
        this.#usedBlocks = writeFiles(this.flash, fileSystem, files);
      },
      stopped: (request) => this.#stopped(request),
    };
  }

  #createEngine(options: EngineOptions): Engine | Promise<Engine> {
    return this.#program
      ? new V8Engine(this.#program, options)
      : Vm.create({ ...options, wasmUrl: this.#world.wasmUrl });
  }

  #stopped(request: StopKind): void {
    switch (request.kind) {
      case 'reset':
        this.wireless.powerOff(true);
        this.chipParts.reset('run', 'software');
        return;
      case 'watchdog':
        this.chipParts.reset('run', 'watchdog');
        return;
      case 'crash':
        this.#output(utf8(PANIC_TEXT));
        this.chipParts.reset('run', 'software');
        return;
      case 'soft':
        this.#softReset();
        return;
      case 'deep-sleep':
        this.#sleepDeeply(request.ms);
    }
  }

  #softReset(): void {
    this.#output(utf8('MPY: soft reboot\r\n'));
    this.#endRun();
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

  #onInput(bytes: Uint8Array): void {
    this.#world.present();
    const interrupted = this.#input.push(bytes);
    this.#clock.run?.input(interrupted);
  }

  #output(bytes: Uint8Array): void {
    this.chipParts.writeConsole(bytes);
    this.onConsole(bytes);
  }
}
