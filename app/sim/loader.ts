/** What the ROM loader and the stub have in common: how they stand in the chip, and shared commands. */
import type { ChipFacts } from './chips.ts';
import type { FlashChip } from './flash-chip.ts';
import type { FlashWriter } from './flash-writer.ts';
import { blockChecksum, OP, type Request, u32, words } from './loader-wire.ts';
import { type Registers, type Security, SECURE_DOWNLOAD } from './registers.ts';

/** The chip around a loader. */
export interface LoaderSeat {
  readonly facts: ChipFacts;
  readonly flash: FlashChip;
  readonly registers: Registers;
  readonly security: Security;
  /** Sends one payload in a SLIP frame, no earlier than that time when the line is paced. */
  send(payload: Uint8Array, notBeforeMs?: number): void;
  nowMs(): number;
  /** Rate at which the loader listens and talks from now on. */
  setBaud(baud: number): void;
  baud(): number;
  /** Takes the rate that the host used for SYNC. */
  settleBaud(): void;
  /** The uploaded code takes over. */
  startStub(): void;
  reset(): void;
}

export interface Loader {
  /** One whole frame from the host. @throws FlashPowerLost when power goes in the middle. */
  handle(frame: Uint8Array): void;
}

/** A block command's payload, or which of its two checks failed. */
export function blockPayload(request: Request): Uint8Array | 'length' | 'checksum' {
  const size = u32(request.data, 0);
  const payload = request.data.subarray(16);
  if (!request.whole || payload.length !== size) return 'length';
  return blockChecksum(payload) === (request.checksum & 0xff) ? payload : 'checksum';
}

/** GET_SECURITY_INFO: flags, crypt count, seven key purposes, and on most chips id and version. */
export function securityInfo(seat: LoaderSeat): Uint8Array {
  const info = new Uint8Array(seat.facts.securityInfoSize);
  info.set(words(seat.security.flags));
  info[4] = seat.security.flashCryptCount;
  if (info.length >= 20) info.set(words(seat.facts.chipId, 0), 12);
  return info;
}

export function inSecureDownload(seat: LoaderSeat): boolean {
  return (seat.security.flags & SECURE_DOWNLOAD) !== 0;
}

export function writeRegisters(seat: LoaderSeat, data: Uint8Array): void {
  for (let at = 0; at + 16 <= data.length; at += 16) {
    seat.registers.write(u32(data, at), u32(data, at + 4), u32(data, at + 8));
  }
}

/** The six block-writing commands; undefined for any other. */
export function flashCommand(
  writer: FlashWriter,
  request: Request,
  failures: { length: number; checksum: number },
): number | undefined {
  switch (request.op) {
    case OP.flashBegin:
    case OP.deflateBegin:
      return writer.begin(request.data, request.op === OP.deflateBegin);
    case OP.flashData:
    case OP.deflateData: {
      const payload = blockPayload(request);
      writer.busyMs = 0;
      if (typeof payload === 'string') return failures[payload];
      return writer.data(payload, request.op === OP.deflateData);
    }
    case OP.flashEnd:
    case OP.deflateEnd:
      return writer.end(request.op === OP.deflateEnd);
    default:
      return undefined;
  }
}
