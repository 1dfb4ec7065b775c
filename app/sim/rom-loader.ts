/**
 * The loader in the chips' ROM, as esptool sees it.
 * Source: esptool documentation, "Serial Protocol"; its targets for what each chip's ROM knows.
 */
import { bytesToHex, utf8 } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { FlashWriter, ROM_CODES } from './flash-writer.ts';
import {
  blockPayload,
  flashCommand,
  inSecureDownload,
  type Loader,
  type LoaderSeat,
  securityInfo,
  writeRegisters,
} from './loader.ts';
import { answer, FAILURE, OP, parseRequest, type Request, u32 } from './loader-wire.ts';

/** The value in answers to SYNC; the stub's is 0, which is how they are told apart. */
const SYNC_VALUE = 0x20120707;
const SYNC_ANSWERS = 8;
/** The ROM repeats its complaint about a message that it does not know. */
const COMPLAINTS = 8;
/** What secure download mode takes away: registers and RAM. */
const BARRED = new Set<number>([
  OP.memoryBegin,
  OP.memoryData,
  OP.memoryEnd,
  OP.readRegister,
  OP.writeRegister,
]);
const FAILURES = { length: FAILURE.romInvalidMessage, checksum: FAILURE.romInvalidChecksum };

interface RamArea {
  at: number;
  size: number;
  received: number;
}

export class RomLoader implements Loader {
  readonly #seat: LoaderSeat;
  readonly #writer: FlashWriter;
  #areas: RamArea[] = [];

  constructor(seat: LoaderSeat) {
    this.#seat = seat;
    this.#writer = new FlashWriter(seat.flash, ROM_CODES, true);
  }

  handle(frame: Uint8Array): void {
    const request = parseRequest(frame);
    if (!request) return;
    if (BARRED.has(request.op) && inSecureDownload(this.#seat)) {
      this.#complain();
      return;
    }
    const failure = flashCommand(this.#writer, request, FAILURES);
    if (failure !== undefined) {
      // The ROM writes first and answers then.
      this.#reply(request, { failure, busyMs: this.#writer.busyMs });
      const ends = request.op === OP.flashEnd || request.op === OP.deflateEnd;
      if (ends && u32(request.data, 0) === 0) this.#seat.reset();
      return;
    }
    this.#other(request);
  }

  #other(request: Request): void {
    const { data } = request;
    switch (request.op) {
      case OP.sync:
        this.#seat.settleBaud();
        for (let i = 0; i < SYNC_ANSWERS; i++) this.#reply(request, { value: SYNC_VALUE });
        return;
      case OP.readRegister:
        this.#reply(request, { value: this.#seat.registers.read(u32(data, 0), this.#seat.baud()) });
        return;
      case OP.writeRegister:
        writeRegisters(this.#seat, data);
        this.#reply(request);
        return;
      case OP.memoryBegin:
        this.#areas = this.#areas.filter((area) => area.at !== u32(data, 12));
        this.#areas.push({ at: u32(data, 12), size: u32(data, 0), received: 0 });
        this.#reply(request);
        return;
      case OP.memoryData:
        this.#reply(request, { failure: this.#memoryData(request) });
        return;
      case OP.memoryEnd:
        this.#reply(request);
        if (u32(data, 0) === 0) this.#run(u32(data, 4));
        return;
      case OP.spiAttach:
      case OP.spiSetParameters:
        this.#reply(request);
        return;
      case OP.changeBaud:
        this.#reply(request);
        this.#seat.setBaud(u32(data, 0));
        return;
      case OP.flashMd5:
        this.#md5(request);
        return;
      case OP.securityInfo:
        if (this.#seat.facts.securityInfoSize === 0) this.#complain();
        else this.#reply(request, { data: securityInfo(this.#seat) });
        return;
      default:
        this.#complain();
    }
  }

  #memoryData(request: Request): number {
    const payload = blockPayload(request);
    if (typeof payload === 'string') return FAILURES[payload];
    const area = this.#areas.at(-1);
    if (!area || area.received + payload.length > area.size) return FAILURE.romFailedToAct;
    area.received += payload.length;
    return 0;
  }

  /** Code that came whole and holds the entry point is taken for the stub; anything else hangs. */
  #run(entry: number): void {
    const whole = this.#areas.every((area) => area.received === area.size);
    const holds = this.#areas.some((area) => entry >= area.at && entry < area.at + area.size);
    if (whole && holds) this.#seat.startStub();
  }

  #md5(request: Request): void {
    const [at, size] = [u32(request.data, 0), u32(request.data, 4)];
    if (at + size > this.#seat.flash.sizeBytes) {
      this.#reply(request, { failure: FAILURE.romFailedToAct });
      return;
    }
    // The ROM answers in hexadecimal text, the stub in bytes.
    this.#reply(request, { data: utf8(bytesToHex(md5(this.#seat.flash.read(at, size)))) });
  }

  #complain(): void {
    for (let i = 0; i < COMPLAINTS; i++) {
      this.#seat.send(answer(0, 0, new Uint8Array(), FAILURE.romInvalidMessage, 4));
    }
  }

  #reply(
    request: Request,
    what: { value?: number; data?: Uint8Array; failure?: number; busyMs?: number } = {},
  ): void {
    this.#seat.send(
      answer(request.op, what.value ?? 0, what.data ?? new Uint8Array(), what.failure ?? 0, 4),
      this.#seat.nowMs() + (what.busyMs ?? 0),
    );
  }
}
