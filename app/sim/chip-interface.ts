/**
 * Where the chip ends and the board begins.
 *
 * The chip owns reset, boot straps, flash and the serial line. In download mode the line belongs
 * to the ROM loader; in run mode it belongs to the firmware, which the board attaches here.
 */
import type { SerialPortLike } from '../link/serial-port.ts';
import type { ChipName, ResetCause } from './chips.ts';
import type { FlashChip } from './flash-chip.ts';

export interface VirtualChip {
  readonly chip: ChipName;
  /** Lower case with colons. */
  readonly mac: string;
  readonly flash: FlashChip;
  /** The same object for the chip's whole life, pulled out and plugged in again by unplug(), plug(), unless it returns as a new port. */
  readonly port: SerialPortLike;
  readonly state: 'off' | 'run' | 'download';

  /**
   * The board sets this. Called when the chip leaves reset in run mode, after the ROM has printed
   * its banner: read the flash and boot. Never called twice without onStop between.
   */
  onRun: (cause: ResetCause) => void;
  /** The board sets this. The firmware loses the CPU this instant: power went or reset was pulled. */
  onStop: () => void;
  /** The board sets this. Bytes from the host, in run mode only; the chip keeps no ring buffer. */
  onConsoleInput: (bytes: Uint8Array) => void;
  /** The firmware prints; dropped unless in run mode. The line runs at 115200 baud in run mode. */
  writeConsole(bytes: Uint8Array): void;

  /** Resets a powered chip: the firmware's own reset ('software', 'watchdog', 'deep-sleep') or the EN button. */
  reset(mode: 'run' | 'download', cause?: ResetCause): void;
  /** Starts in run mode, or in the loader when the boot button (or the port's strap) holds IO0 low. */
  powerOn(): void;
  powerOff(): void;
  /** Pulls the cable: the port is lost to the page, and a board fed by USB loses its power. */
  unplug(): void;
  plug(): void;
}
