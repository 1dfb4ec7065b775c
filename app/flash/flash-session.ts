/** One board in its loader, from detection to verification, as the rest of the app sees it. */
import type { Bridge } from '../link/bridges.ts';
import type { ChipName } from '../image/chips.ts';
import type { FlashPlan } from './plan.ts';

export type OpenStage = 'connecting' | 'identifying' | 'starting-helper' | 'changing-rate';
export type WriteStage = 'preparing' | 'erasing' | 'writing' | 'verifying' | 'finished';

export interface OpenOptions {
  /** 460800 unless given, and never above what the bridge can do; without meaning on native USB. */
  baudRate?: number;
  /** Resets and tries again so many times; each takes about a second. 7 unless given. */
  attempts?: number;
  /** False for ports without control lines: somebody has put the board into its loader already. True unless given. */
  reset?: boolean;
  signal?: AbortSignal;
  onStage?(stage: OpenStage): void;
  /** Lines of the loader library, for the details that can be copied. */
  onLog?(line: string): void;
}

export interface WriteOptions {
  /** Bytes are compressed bytes on the line, over the whole plan. */
  onProgress?(stage: WriteStage, doneBytes: number, totalBytes: number): void;
  /** Looked at before each block of 16 KB; a block that is held up ends 3 s after it. */
  signal?: AbortSignal;
}

export interface FlashSession {
  readonly chip: ChipName;
  /** For example "ESP32-D0WD-V3 (revision 3)". */
  readonly description: string;
  /** Lower case with colons: the board's identity. */
  readonly mac: string;
  readonly flashSizeBytes: number;
  /** Secure boot or flash encryption is on: reading is possible, writing is refused. */
  readonly secured: boolean;
  readonly bridge: Bridge;
  /** The rate in use, which may be lower than the one asked for. */
  readonly baudRate: number;
  /** MD5 of a run of flash, worked out by the chip; lower-case hex. */
  md5(at: number, sizeBytes: number): Promise<string>;
  /** Reads flash; what came is checked against the MD5 that the chip sends after it. */
  read(
    at: number,
    sizeBytes: number,
    onProgress?: (doneBytes: number, totalBytes: number) => void,
  ): Promise<Uint8Array<ArrayBuffer>>;
  /** Carries out a plan and checks the MD5 of every region it touched. @throws FlashError */
  write(plan: FlashPlan, options?: WriteOptions): Promise<void>;
  /** Pulls reset and lets the firmware start; after it only close() makes sense. */
  resetIntoFirmware(): Promise<void>;
  /** Gives the port back, closed. Never rejects. */
  close(): Promise<void>;
}
