/**
 * esptool's flasher stub, as it behaves once it runs from RAM.
 *
 * It acknowledges a block when it has come and writes it while the next one is coming; a failed
 * write is reported with the next acknowledgement. Source: esptool documentation, "Serial
 * Protocol"; esp-flasher-stub, commands and error codes.
 */
import { utf8 } from '../base/bytes.ts';
import { md5 } from '../base/digest.ts';
import { FlashWriter, STUB_CODES } from './flash-writer.ts';
import {
  flashCommand,
  type Loader,
  type LoaderSeat,
  securityInfo,
  writeRegisters,
} from './loader.ts';
import { answer, FAILURE, OP, parseRequest, type Request, u32 } from './loader-wire.ts';

/** One frame with these letters tells the host that the stub runs. */
export const STUB_GREETING = utf8('OHAI');
/** Reading flash and hashing it, measured on an ESP32 at 80 MHz SPI: about 10 MB a second. */
const MD5_MS_PER_BYTE = 0.0001;
const CHIP_ERASE_MS_PER_BYTE = 10_000 / (4 << 20);
const FAILURES = { length: FAILURE.badDataLength, checksum: FAILURE.badChecksum };
const DATA_COMMANDS = new Set<number>([OP.flashData, OP.deflateData]);

interface Reading {
  at: number;
  end: number;
  start: number;
  packetSize: number;
  inFlight: number;
}

export class StubLoader implements Loader {
  readonly #seat: LoaderSeat;
  readonly #writer: FlashWriter;
  #reading: Reading | undefined;
  /** The flash chip is busy until then with blocks that were acknowledged already. */
  #busyUntilMs = 0;
  /** What the write behind the last acknowledgement came to. */
  #deferredFailure = 0;

  constructor(seat: LoaderSeat) {
    this.#seat = seat;
    this.#writer = new FlashWriter(seat.flash, STUB_CODES, false);
    seat.send(STUB_GREETING);
  }

  handle(frame: Uint8Array): void {
    if (this.#reading) {
      if (frame.length === 4) this.#acknowledged(u32(frame, 0));
      else this.#reading = undefined; // the host has given up
      return;
    }
    const request = parseRequest(frame);
    if (!request) return;
    if (!request.whole) {
      this.#reply(request, { failure: FAILURE.badDataLength });
      return;
    }
    const failure = flashCommand(this.#writer, request, FAILURES);
    if (failure !== undefined) this.#flashReply(request, failure);
    else this.#other(request);
  }

  #flashReply(request: Request, failure: number): void {
    const readyMs = Math.max(this.#busyUntilMs, this.#seat.nowMs());
    this.#busyUntilMs = readyMs + this.#writer.busyMs;
    if (DATA_COMMANDS.has(request.op)) {
      const atOnce = failure === FAILURE.badDataLength || failure === FAILURE.badChecksum;
      this.#reply(request, { failure: atOnce ? failure : this.#deferredFailure }, readyMs);
      if (!atOnce && this.#deferredFailure === 0) this.#deferredFailure = failure;
      return;
    }
    const begins = request.op === OP.flashBegin || request.op === OP.deflateBegin;
    const total = begins ? failure : this.#deferredFailure || failure;
    this.#deferredFailure = 0;
    this.#reply(request, { failure: total }, this.#busyUntilMs);
    if (!begins && u32(request.data, 0) === 0) this.#seat.reset();
  }

  #other(request: Request): void {
    const { data } = request;
    const { flash, registers } = this.#seat;
    switch (request.op) {
      case OP.sync:
        // Eight times, as the ROM does; the value 0 tells the host that the stub runs already.
        for (let i = 0; i < 8; i++) this.#reply(request);
        return;
      case OP.readRegister:
        this.#reply(request, { value: registers.read(u32(data, 0), this.#seat.baud()) });
        return;
      case OP.writeRegister:
        writeRegisters(this.#seat, data);
        this.#reply(request);
        return;
      case OP.spiAttach:
      case OP.spiSetParameters:
        this.#reply(request);
        return;
      case OP.changeBaud:
        this.#reply(request);
        this.#seat.setBaud(u32(data, 0));
        return;
      case OP.securityInfo:
        if (this.#seat.facts.securityInfoSize === 0) {
          this.#reply(request, { failure: FAILURE.notImplemented });
        } else this.#reply(request, { data: securityInfo(this.#seat) });
        return;
      case OP.flashMd5:
        this.#md5(u32(data, 0), u32(data, 4), request);
        return;
      case OP.eraseFlash:
        flash.eraseAll();
        this.#reply(request, {}, this.#busyFor(flash.sizeBytes * CHIP_ERASE_MS_PER_BYTE));
        return;
      case OP.eraseRegion:
        this.#eraseRegion(u32(data, 0), u32(data, 4), request);
        return;
      case OP.readFlash:
        this.#startReading(request);
        return;
      case OP.runUserCode:
        this.#seat.reset();
        return;
      default:
        this.#reply(request, { failure: FAILURE.notImplemented });
    }
  }

  #md5(at: number, size: number, request: Request): void {
    if (at + size > this.#seat.flash.sizeBytes) {
      this.#reply(request, { failure: FAILURE.spiFailed });
      return;
    }
    const data = md5(this.#seat.flash.read(at, size));
    this.#reply(request, { data }, this.#busyFor(size * MD5_MS_PER_BYTE));
  }

  #eraseRegion(at: number, size: number, request: Request): void {
    const { flash } = this.#seat;
    if (at % 0x1000 !== 0 || size % 0x1000 !== 0 || at + size > flash.sizeBytes) {
      this.#reply(request, { failure: FAILURE.badBlockSize });
      return;
    }
    flash.erase(at, size);
    this.#reply(request, {}, this.#busyFor(size * CHIP_ERASE_MS_PER_BYTE));
  }

  #startReading(request: Request): void {
    const [at, size, packetSize, inFlight] = [0, 4, 8, 12].map((i) => u32(request.data, i));
    if (at! + size! > this.#seat.flash.sizeBytes || packetSize === 0) {
      this.#reply(request, { failure: FAILURE.spiFailed });
      return;
    }
    this.#reply(request);
    this.#reading = {
      at: at!,
      start: at!,
      end: at! + size!,
      packetSize: packetSize!,
      inFlight: inFlight!,
    };
    this.#acknowledged(0);
  }

  /** Data packets bear no header; the host answers each with the number of bytes it has so far. */
  #acknowledged(received: number): void {
    const reading = this.#reading!;
    const { flash } = this.#seat;
    if (received > reading.at - reading.start) {
      this.#reading = undefined; // nonsense from the host: the stub gives up
      return;
    }
    while (
      reading.at < reading.end &&
      reading.at - reading.start - received < Math.max(1, reading.inFlight)
    ) {
      const size = Math.min(reading.packetSize, reading.end - reading.at);
      this.#seat.send(flash.read(reading.at, size));
      reading.at += size;
    }
    if (received === reading.end - reading.start) {
      this.#reading = undefined;
      this.#seat.send(md5(flash.read(reading.start, reading.end - reading.start)));
    }
  }

  #busyFor(ms: number): number {
    this.#busyUntilMs = Math.max(this.#busyUntilMs, this.#seat.nowMs()) + ms;
    return this.#busyUntilMs;
  }

  #reply(
    request: Request,
    what: { value?: number; data?: Uint8Array; failure?: number } = {},
    notBeforeMs = 0,
  ): void {
    this.#seat.send(
      answer(request.op, what.value ?? 0, what.data ?? new Uint8Array(), what.failure ?? 0, 2),
      notBeforeMs,
    );
  }
}
