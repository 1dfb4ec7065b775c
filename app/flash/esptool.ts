/**
 * Opening a board's loader with esptool-js: the only file that imports it.
 *
 * `import from 'esptool-js'` (its lib/) works in Vite and in Node 20.10 and later: it loads the
 * stub of the chip at hand by a dynamic import of a JSON file, so a worker that uses it must be
 * built as an ES module (`worker: { format: 'es' }`). It touches neither window nor document.
 */
import { ESPError, ESPLoader, type Transport } from 'esptool-js';
import { CHIPS, type ChipName } from '../image/chips.ts';
import { bridgeOf } from '../link/bridges.ts';
import { LinkError } from '../link/link-error.ts';
import type { SerialPortLike } from '../link/serial-port.ts';
import { causeOfSilence, FlashError } from './flash-error.ts';
import type { FlashSession, OpenOptions } from './flash-session.ts';
import { flashErrorOf } from './loader-failure.ts';
import { LoaderSession } from './loader-session.ts';
import { LoaderTransport } from './loader-transport.ts';

const ROM_BAUD = 115200;
const USUAL_BAUD = 460800;
/** Security flags of GET_SECURITY_INFO that make plain firmware useless. */
const SECURE_BOOT = 1 << 0;
/** The ESP32 has no such command: its efuses tell. Source: ESP32 TRM, EFUSE_BLK0_RDATA0 and 6. */
const ESP32_CRYPT_COUNT = { at: 0x3ff5a000, shift: 20, mask: 0x7f };
const ESP32_SECURE_BOOT = { at: 0x3ff5a018, mask: 0x30 };

/**
 * Resets the board into its loader, finds out what it is, and starts esptool's stub there.
 * @param port closed; after the session's close() it is closed again.
 * @throws FlashError
 */
export async function openFlashSession(
  port: SerialPortLike,
  options: OpenOptions = {},
): Promise<FlashSession> {
  const transport = new LoaderTransport(port, (text) => new ESPError(text));
  const cancel = (): void => transport.fail(new FlashError('cancelled'));
  if (options.signal?.aborted) cancel();
  options.signal?.addEventListener('abort', cancel, { once: true });
  try {
    return await open(transport, options);
  } catch (error) {
    await transport.disconnect().catch(() => undefined);
    transport.dispose();
    throw flashErrorOf(error, transport, 'lost-contact', 'while connecting');
  } finally {
    options.signal?.removeEventListener('abort', cancel);
  }
}

async function open(transport: LoaderTransport, options: OpenOptions): Promise<FlashSession> {
  const bridge = bridgeOf(transport.device.getInfo());
  // The rate means nothing on native USB: the library skips the change when both are equal.
  const wanted = Math.min(options.baudRate ?? USUAL_BAUD, bridge.maxBaud);
  const baudrate = bridge.kind === 'bridge' || bridge.kind === 'unknown' ? wanted : ROM_BAUD;
  const loader = new ESPLoader({
    // Same methods; the library's class has private fields, so the compiler must be told.
    transport: transport as unknown as Transport,
    baudrate,
    romBaudrate: ROM_BAUD,
    terminal: {
      clean: () => undefined,
      writeLine: (line) => options.onLog?.(line),
      write: (text) => options.onLog?.(text),
    },
  });
  loader.WRITE_BLOCK_ATTEMPTS = 1; // loader-session.ts repeats with more knowledge

  options.onStage?.('connecting');
  await connect(loader, transport, options);
  options.onStage?.('identifying');
  const chip = chipNameOf(loader.chip.CHIP_NAME);
  if (loader.secureDownloadMode) throw new FlashError('secured-chip', 'secure download mode');
  const secured = await isSecured(loader, chip);
  const description = await loader.chip.getChipDescription(loader);
  const mac = (await loader.chip.readMac(loader)).toLowerCase();
  await loader.chip.postConnect?.(loader);

  options.onStage?.('starting-helper');
  try {
    await loader.runStub();
  } catch (error) {
    throw flashErrorOf(error, transport, 'stub-failed', 'while starting the stub');
  }
  if (baudrate !== ROM_BAUD) {
    options.onStage?.('changing-rate');
    await loader.changeBaud();
  }
  const flashSizeBytes = await readFlashSize(loader);
  const identity = { chip, description, mac, flashSizeBytes, secured, bridge };
  return new LoaderSession(loader, transport, identity);
}

async function connect(
  loader: ESPLoader,
  transport: LoaderTransport,
  options: OpenOptions,
): Promise<void> {
  try {
    const mode = options.reset === false ? 'no_reset' : 'default_reset';
    await loader.detectChip(mode, options.attempts ?? 7);
  } catch (error) {
    if (transport.lost || error instanceof LinkError) throw error;
    const text = error instanceof Error ? error.message : String(error);
    if (/^Unexpected chip/i.test(text)) throw new FlashError('unknown-chip', text, error);
    throw new FlashError(causeOfSilence(transport.heard), tail(transport.heard), error);
  }
}

function chipNameOf(title: string): ChipName {
  const found = Object.values(CHIPS).find((chip) => chip.label === title);
  if (!found) throw new FlashError('unknown-chip', title);
  return found.name;
}

async function isSecured(loader: ESPLoader, chip: ChipName): Promise<boolean> {
  if (chip === 'esp32') {
    const efuse = await loader.readReg(ESP32_CRYPT_COUNT.at);
    const count = (efuse >>> ESP32_CRYPT_COUNT.shift) & ESP32_CRYPT_COUNT.mask;
    const boot = (await loader.readReg(ESP32_SECURE_BOOT.at)) & ESP32_SECURE_BOOT.mask;
    return hasOddBits(count) || boot !== 0;
  }
  const info = await loader.getSecurityInfo();
  return hasOddBits(info.flashCryptCnt) || (info.flags & SECURE_BOOT) !== 0;
}

/** The crypt count burns one bit at each change: encryption is on when their number is odd. */
function hasOddBits(value: number): boolean {
  let odd = false;
  for (let bits = value; bits > 0; bits >>>= 1) if (bits & 1) odd = !odd;
  return odd;
}

async function readFlashSize(loader: ESPLoader): Promise<number> {
  const id = await loader.readFlashId();
  const size = loader.DETECTED_FLASH_SIZES[(id >> 16) & 0xff];
  const match = /^(\d+)(KB|MB)$/.exec(size ?? '');
  if (!match) throw new FlashError('flash-unreadable', `JEDEC id 0x${id.toString(16)}`);
  return Number(match[1]) << (match[2] === 'MB' ? 20 : 10);
}

/** The last of what the board said, fit to be printed. */
function tail(text: string): string {
  return text.slice(-400).replaceAll(/[^\x20-\x7e\r\n\t]+/g, '·');
}
