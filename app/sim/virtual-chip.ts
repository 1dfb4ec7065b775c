/**
 * One chip with its flash, its serial port and its ROM: everything up to the moment at which
 * firmware would run. See chip-interface.ts for the seam to the board.
 */
import { utf8 } from '../base/bytes.ts';
import { type Clock, systemClock } from '../base/clock.ts';
import type { VirtualChip } from './chip-interface.ts';
import { type ChipName, CHIPS, type ResetCause } from './chips.ts';
import { Faults } from './faults.ts';
import { FlashChip, FlashPowerLost } from './flash-chip.ts';
import type { Loader, LoaderSeat } from './loader.ts';
import { type PortInfo, VirtualPort } from './port.ts';
import { Registers, SECURE_BOOT, type Security } from './registers.ts';
import { RomLoader } from './rom-loader.ts';
import { SlipDecoder, slipEncode } from './slip.ts';
import { StubLoader } from './stub-loader.ts';
import { ROM_BAUD, Uart } from './uart.ts';

export type Connection = 'bridge' | 'usb-jtag' | 'usb-otg';

const CP2102: PortInfo = { usbVendorId: 0x10c4, usbProductId: 0xea60 };
const USB_JTAG: PortInfo = { usbVendorId: 0x303a, usbProductId: 0x1001 };
/** USB-OTG: MicroPython's own product; the ROM's is the chip's number in image headers. */
const USB_OTG_FIRMWARE: PortInfo = { usbVendorId: 0x303a, usbProductId: 0x4001 };
/** MicroPython waits so long after DTR and RTS have said "loader" before it goes there. */
const OTG_RESTART_MS = 250;
/** The RTC's slow clock, which the watchdog counts. */
const SLOW_CLOCK_HZ = 136_000;
const UNKNOWN_CHIP_ID = 0x7777;

export interface VirtualChipOptions {
  chip: ChipName;
  /** Lower case with colons. */
  mac: string;
  /** A power of two; 4 MB unless given. */
  flashSizeBytes?: number;
  flash?: FlashChip;
  clock?: Clock;
  /** Bytes take their time on the line, by the clock. */
  paced?: boolean;
  /** How the board is wired to USB; each chip has its usual way. */
  connection?: Connection;
  /** Vendor and product of the bridge, CP2102 unless given. */
  info?: PortInfo;
  security?: Partial<Security>;
  faults?: Faults;
  /** Native USB leaves the bus at each reset and comes back after a time, as browsers show it: the same port or a new one. */
  returns?: { afterMs: number; as: 'same-port' | 'new-port' };
}

export class VirtualEsp implements VirtualChip {
  readonly chip: ChipName;
  readonly mac: string;
  readonly flash: FlashChip;
  readonly faults: Faults;
  /** Opcodes that the loaders have received since power-on, for tests. */
  readonly commands: number[] = [];
  /** Somebody holds the BOOT button. */
  bootButton = false;
  onRun: (cause: ResetCause) => void = () => undefined;
  onStop: () => void = () => undefined;
  onConsoleInput: (bytes: Uint8Array) => void = () => undefined;
  /** The chip came back on the bus as a new port; `port` is that one now. */
  onNewPort: (port: VirtualPort) => void = () => undefined;
  #port: VirtualPort;
  readonly #options: VirtualChipOptions;
  readonly #clock: Clock;
  /** Counts what makes an awaited return void. */
  #visits = 0;
  #wantedLoader = false;
  readonly #uart: Uart;
  readonly #registers: Registers;
  readonly #security: Security;
  readonly #connection: Connection;
  readonly #frames = new SlipDecoder((frame) => this.#command(frame));
  #powered = false;
  #held = false;
  #state: 'off' | 'run' | 'download' = 'off';
  #loader: Loader | undefined;
  #stuck = false;
  /** USB-Serial-JTAG's own memory of "the next reset enters the loader". */
  #jtagDownload = false;

  constructor(options: VirtualChipOptions) {
    const facts = CHIPS[options.chip];
    this.chip = options.chip;
    this.mac = options.mac;
    this.flash = options.flash ?? new FlashChip(options.flashSizeBytes ?? 4 << 20);
    this.faults = options.faults ?? new Faults();
    this.#connection = options.connection ?? facts.usualPort;
    this.#security = { flags: 0, flashCryptCount: 0, ...options.security };
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#registers = new Registers(
      facts,
      this.mac,
      this.flash,
      this.#security,
      this.#connection,
      this.faults,
    );
    this.#registers.onWatchdog = (ticks) => void this.#bite((ticks * 1000) / SLOW_CLOCK_HZ);
    this.#uart = new Uart({
      clock: this.#clock,
      paced: options.paced ?? false,
      usbJtag: this.#connection !== 'bridge',
      faults: this.faults,
    });
    this.#uart.onBoardInput = (bytes) => this.#input(bytes);
    this.#port = this.#newPort();
  }

  get port(): VirtualPort {
    return this.#port;
  }

  get state(): 'off' | 'run' | 'download' {
    return this.#state;
  }

  /** True once the uploaded stub has taken over from the ROM. */
  get stubRuns(): boolean {
    return this.#loader instanceof StubLoader;
  }

  writeConsole(bytes: Uint8Array): void {
    if (this.#state === 'run') this.#uart.sendToHost(bytes);
  }

  reset(mode: 'run' | 'download', cause: ResetCause = 'external'): void {
    if (!this.#powered) return;
    this.#halt();
    this.#restart(mode, cause, CHIPS[this.chip].resetText[cause]);
  }

  powerOn(): void {
    if (this.#powered) return;
    this.#powered = true;
    this.commands.length = 0;
    if (this.#held) return; // EN is low: the chip starts when it is let go
    this.#start(this.bootButton ? 'download' : 'run', 'power-on', this.#powerOnText());
  }

  powerOff(): void {
    if (!this.#powered) return;
    this.#halt();
    this.#powered = false;
    this.#jtagDownload = false;
  }

  unplug(): void {
    this.#visits++;
    this.powerOff();
    this.#held = false;
    this.port.lose();
  }

  plug(): void {
    this.#visits++;
    this.port.regain();
    this.powerOn();
  }

  #newPort(): VirtualPort {
    const port = new VirtualPort({
      info: this.#info(),
      uart: this.#uart,
      faults: this.faults,
      onSignals: (dtr, rts) => {
        if (this.#port === port) this.#signals(dtr, rts);
      },
    });
    return port;
  }

  #info(): PortInfo {
    if (this.#options.info) return this.#options.info;
    if (this.#connection === 'bridge') return CP2102;
    if (this.#connection === 'usb-jtag') return USB_JTAG;
    if (this.#state !== 'download') return USB_OTG_FIRMWARE;
    return { usbVendorId: 0x303a, usbProductId: CHIPS[this.chip].chipId };
  }

  /** The chip leaves the bus with a reset, and comes back unless somebody pulls it out meanwhile. */
  async #leaveAndReturn({
    afterMs,
    as,
  }: NonNullable<VirtualChipOptions['returns']>): Promise<void> {
    const visit = ++this.#visits;
    this.port.lose();
    await this.#clock.sleep(afterMs);
    if (visit !== this.#visits || !this.#powered) return;
    if (as === 'same-port') this.port.regain();
    else {
      this.#port = this.#newPort();
      this.onNewPort(this.#port);
    }
  }

  /** The watchdog resets the chip as a whole: straps are read anew. */
  async #bite(afterMs: number): Promise<void> {
    const visit = this.#visits;
    await this.#clock.sleep(afterMs);
    if (visit !== this.#visits || this.#state !== 'download') return;
    this.#jtagDownload = false;
    this.reset(this.bootButton ? 'download' : 'run', 'watchdog');
  }

  #powerOnText(): string {
    return CHIPS[this.chip].resetText['power-on'];
  }

  /** The CPU stops: reset is held, or power is gone. */
  #halt(): void {
    const wasRunning = this.#state === 'run';
    this.#state = 'off';
    this.#loader = undefined;
    this.#uart.dropOutgoing();
    if (wasRunning) this.onStop();
  }

  /** A start after a reset, as against one at power-on. */
  #restart(mode: 'run' | 'download', cause: ResetCause, resetText: string): void {
    this.#start(mode, cause, resetText);
    const { returns } = this.#options;
    if (returns && this.port.connected) void this.#leaveAndReturn(returns);
  }

  #start(mode: 'run' | 'download', cause: ResetCause, resetText: string): void {
    const facts = CHIPS[this.chip];
    this.#uart.boardBaud = ROM_BAUD;
    this.#uart.autoBaud = mode === 'download';
    this.#state = mode;
    this.#registers.strappedToLoader = this.bootButton;
    this.#wantedLoader = false;
    this.#stuck = false;
    this.#frames.reset();
    const strap = mode === 'run' ? facts.runStrap : facts.downloadStrap;
    const waiting = mode === 'download' ? 'waiting for download\r\n' : '';
    this.#uart.sendToHost(utf8(`${facts.romBanner}rst:${resetText},boot:${strap}\r\n${waiting}`));
    if (mode === 'download') this.#loader = new RomLoader(this.#seat());
    else this.onRun(cause);
  }

  #signals(dtr: boolean, rts: boolean): void {
    if (this.faults.noAutoReset) return;
    if (this.#connection === 'bridge') this.#bridgeSignals(dtr, rts);
    else if (this.#connection === 'usb-jtag') this.#jtagSignals(dtr, rts);
    else this.#otgSignals(dtr, rts);
  }

  /** Firmware that watches its lines goes into the loader for RTS alone followed by DTR alone; the ROM's own USB does not watch. */
  #otgSignals(dtr: boolean, rts: boolean): void {
    if (this.#state !== 'run') return;
    if (dtr && !rts && this.#wantedLoader) {
      const visit = this.#visits;
      void this.#clock.sleep(OTG_RESTART_MS).then(() => {
        if (visit === this.#visits && this.#state === 'run') this.reset('download', 'software');
      });
    }
    this.#wantedLoader = rts && !dtr;
  }

  /** Two crossed transistors: EN is low for RTS without DTR, IO0 is low for DTR without RTS. */
  #bridgeSignals(dtr: boolean, rts: boolean): void {
    const held = rts && !dtr;
    if (held === this.#held) return;
    this.#held = held;
    if (!this.#powered) return;
    if (held) this.#halt();
    else {
      const low = (dtr && !rts) || this.bootButton;
      this.#restart(low ? 'download' : 'run', 'external', this.#externalText());
    }
  }

  /** RTS alone resets, into the loader if DTR alone came before; neither forgets that. */
  #jtagSignals(dtr: boolean, rts: boolean): void {
    if (!dtr && !rts) this.#jtagDownload = false;
    else if (dtr && !rts) this.#jtagDownload = true;
    else if (rts && !dtr && this.#powered) {
      this.#halt();
      const mode = this.#jtagDownload || this.bootButton ? 'download' : 'run';
      this.#restart(mode, 'external', CHIPS[this.chip].usbJtagResetText);
    }
  }

  #externalText(): string {
    return CHIPS[this.chip].resetText.external;
  }

  #input(bytes: Uint8Array): void {
    if (this.#state === 'run') this.onConsoleInput(bytes);
    else if (this.#state === 'download') this.#frames.push(bytes);
  }

  #command(frame: Uint8Array): void {
    if (!this.#loader || this.faults.stuckLoader || this.#stuck) return;
    if (frame[0] === 0 && frame.length >= 8) this.commands.push(frame[1]!);
    const strike = this.faults.strike();
    if (strike === 'unplug') {
      this.unplug();
      return;
    }
    if (strike === 'stuck') {
      this.#stuck = true;
      return;
    }
    const { powerLossAtOperation } = this.faults;
    if (powerLossAtOperation > 0) {
      this.faults.powerLossAtOperation = 0;
      // A board that is fed by its cable loses power with it.
      this.flash.cutPowerAt(powerLossAtOperation, () => this.unplug());
    }
    try {
      this.#loader.handle(frame);
    } catch (error) {
      if (!(error instanceof FlashPowerLost)) throw error;
      this.powerOff();
    }
  }

  #seat(): LoaderSeat {
    const uart = this.#uart;
    const { secured, unknownChip } = this.faults;
    const facts = CHIPS[this.chip];
    const { flags, flashCryptCount } = this.#security;
    return {
      facts: unknownChip ? { ...facts, chipId: UNKNOWN_CHIP_ID } : facts,
      flash: this.flash,
      registers: this.#registers,
      security: { flags: secured ? flags | SECURE_BOOT : flags, flashCryptCount },
      send: (payload, notBeforeMs = 0) => uart.sendToHost(slipEncode(payload), notBeforeMs),
      nowMs: () => uart.nowMs(),
      setBaud: (baud) => {
        uart.boardBaud = baud;
        uart.autoBaud = false;
      },
      baud: () => uart.boardBaud,
      settleBaud: () => {
        if (!uart.autoBaud) return;
        uart.boardBaud = uart.hostBaud;
        uart.autoBaud = false;
      },
      startStub: () => {
        this.#loader = new StubLoader(this.#seat());
      },
      reset: () => this.reset('run', 'software'),
    };
  }
}

export function createVirtualChip(options: VirtualChipOptions): VirtualEsp {
  return new VirtualEsp(options);
}
