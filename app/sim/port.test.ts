/** The manners of Web Serial at a virtual board's port, and the reset circuits behind it. */
import { describe, expect, it } from 'vitest';
import { concatBytes, fromUtf8, utf8 } from '../base/bytes.ts';
import { slipEncode } from './slip.ts';
import { createVirtualChip, type VirtualChipOptions, type VirtualEsp } from './virtual-chip.ts';

function board(options: Partial<VirtualChipOptions> = {}): VirtualEsp {
  return createVirtualChip({ chip: 'esp32', mac: '24:0a:c4:00:00:01', ...options });
}

/** Reads until the text matches; the reader is released again. */
async function readUntil(chip: VirtualEsp, wanted: RegExp): Promise<string> {
  const reader = chip.port.readable!.getReader();
  let text = '';
  while (!wanted.test(text)) {
    const { value, done } = await reader.read();
    if (done) break;
    text += fromUtf8(value);
  }
  reader.releaseLock();
  return text;
}

async function send(chip: VirtualEsp, bytes: Uint8Array): Promise<void> {
  const writer = chip.port.writable!.getWriter();
  await writer.write(bytes);
  writer.releaseLock();
}

const DOWNLOAD = [
  { dataTerminalReady: false, requestToSend: true },
  { dataTerminalReady: true, requestToSend: false },
  { dataTerminalReady: false, requestToSend: false },
];

describe('a virtual port', () => {
  it('rejects what Web Serial rejects', async () => {
    const { port } = board();
    await expect(port.close()).rejects.toMatchObject({ name: 'InvalidStateError' });
    await expect(port.setSignals({ requestToSend: true })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
    await expect(port.open({ baudRate: 0 })).rejects.toThrow(TypeError);
    expect(port.readable).toBeNull();
    await port.open({ baudRate: 115200 });
    await expect(port.open({ baudRate: 115200 })).rejects.toMatchObject({
      name: 'InvalidStateError',
    });
    await expect(port.setSignals({})).rejects.toThrow(TypeError);
    const reader = port.readable!.getReader();
    await expect(port.close()).rejects.toThrow(TypeError);
    reader.releaseLock();
    await port.close();
    expect(port.writable).toBeNull();
  });

  it('makes a new stream after a cancel and after a reopen', async () => {
    const chip = board();
    await chip.port.open({ baudRate: 115200 });
    const first = chip.port.readable!;
    expect(chip.port.readable).toBe(first);
    const reader = first.getReader();
    const pending = reader.read();
    await reader.cancel();
    expect(await pending).toEqual({ value: undefined, done: true });
    reader.releaseLock();
    expect(chip.port.readable).not.toBe(first);
    const second = chip.port.readable;
    await chip.port.close();
    await chip.port.open({ baudRate: 115200 });
    expect(chip.port.readable).not.toBe(second);
    chip.powerOn();
    expect(await readUntil(chip, /boot:.*\r\n/)).toContain(
      'rst:0x1 (POWERON_RESET),boot:0x13 (SPI_FAST_FLASH_BOOT)',
    );
  });

  it('errors both streams with NetworkError and fires events when the cable is pulled and put back', async () => {
    const chip = board();
    chip.powerOn();
    const events: string[] = [];
    chip.port.addEventListener('disconnect', () => events.push('disconnect'));
    chip.port.addEventListener('connect', () => events.push('connect'));
    chip.onStop = () => events.push('stop');
    await chip.port.open({ baudRate: 115200 });
    const reader = chip.port.readable!.getReader();
    const writer = chip.port.writable!.getWriter();
    const reading = reader.read();
    chip.unplug();
    await expect(reading).rejects.toMatchObject({ name: 'NetworkError' });
    await expect(writer.write(utf8('x'))).rejects.toMatchObject({ name: 'NetworkError' });
    expect(chip.port.readable).toBeNull();
    await expect(chip.port.open({ baudRate: 115200 })).rejects.toMatchObject({
      name: 'NetworkError',
    });
    chip.plug();
    await chip.port.open({ baudRate: 115200 });
    expect(events).toEqual(['stop', 'disconnect', 'connect']);
    expect(chip.state).toBe('run');
  });

  it('tears a paced write when the cable is pulled', async () => {
    const chip = board({ paced: true });
    chip.powerOn();
    let heard = 0;
    chip.onConsoleInput = (bytes) => (heard += bytes.length);
    await chip.port.open({ baudRate: 115200 });
    const writing = send(chip, new Uint8Array(11520)); // one second
    setTimeout(() => chip.unplug(), 200);
    await expect(writing).rejects.toMatchObject({ name: 'NetworkError' });
    expect(heard).toBeGreaterThan(500);
    expect(heard).toBeLessThan(6000);
  });
});

describe('the reset lines', () => {
  it.each(['bridge', 'usb-jtag'] as const)(
    'open and close without a reset (%s)',
    async (connection) => {
      const chip = board({ chip: 'esp32c3', connection });
      chip.powerOn();
      const starts: string[] = [];
      chip.onRun = (cause) => starts.push(cause);
      await chip.port.open({ baudRate: 115200 });
      await chip.port.setSignals({ dataTerminalReady: false, requestToSend: false });
      await chip.port.close();
      expect(starts).toEqual([]);
    },
  );

  it('bring a board with a bridge into the loader and back', async () => {
    const chip = board();
    const log: string[] = [];
    chip.onRun = (cause) => log.push(`run ${cause}`);
    chip.onStop = () => log.push('stop');
    chip.powerOn();
    await chip.port.open({ baudRate: 115200 });
    for (const signals of DOWNLOAD) await chip.port.setSignals(signals);
    expect(chip.state).toBe('download');
    expect(await readUntil(chip, /download\r\n$/)).toMatch(
      /^ets .*\r\n\r\nrst:0x1 \(POWERON_RESET\),boot:0x3 \(DOWNLOAD_BOOT\(.*\)\)\r\nwaiting for download\r\n$/,
    );
    await chip.port.setSignals({ requestToSend: true });
    expect(chip.state).toBe('off');
    await chip.port.setSignals({ requestToSend: false });
    expect(log).toEqual(['run power-on', 'stop', 'run external']);
  });

  it('bring a board with USB-Serial-JTAG into the loader, one line at a time', async () => {
    const chip = board({ chip: 'esp32c3' });
    chip.powerOn();
    await chip.port.open({ baudRate: 115200 });
    const steps: [boolean, boolean][] = [
      [false, false],
      [true, false],
      [true, true],
      [false, true],
    ];
    for (const [dtr, rts] of steps) {
      await chip.port.setSignals({ dataTerminalReady: dtr });
      await chip.port.setSignals({ requestToSend: rts });
    }
    expect(chip.state).toBe('download');
    await chip.port.setSignals({ dataTerminalReady: false, requestToSend: false });
    await chip.port.setSignals({ requestToSend: true });
    expect(chip.state).toBe('run');
  });

  it('do nothing where they are not wired, and the BOOT button does it then', async () => {
    const chip = board();
    chip.faults.noAutoReset = true;
    chip.powerOn();
    await chip.port.open({ baudRate: 115200 });
    for (const signals of DOWNLOAD) await chip.port.setSignals(signals);
    expect(chip.state).toBe('run');
    chip.powerOff();
    chip.bootButton = true;
    chip.powerOn();
    expect(chip.state).toBe('download');
  });

  it('pulse at every opening when that fault is on', async () => {
    const chip = board();
    chip.faults.resetOnOpen = true;
    chip.powerOn();
    const starts: string[] = [];
    chip.onRun = (cause) => starts.push(cause);
    await chip.port.open({ baudRate: 115200 });
    expect(starts).toEqual(['external']);
  });
});

describe('the console', () => {
  it('carries the firmware both ways in run mode, and nothing of it in download mode', async () => {
    const chip = board();
    const heard: string[] = [];
    chip.onConsoleInput = (bytes) => heard.push(fromUtf8(bytes));
    await chip.port.open({ baudRate: 115200 });
    chip.powerOn();
    chip.writeConsole(utf8('>>> '));
    expect(await readUntil(chip, />>> $/)).toContain('SPI_FAST_FLASH_BOOT');
    await send(chip, utf8('1+1\r'));
    expect(heard).toEqual(['1+1\r']);
    chip.reset('download');
    chip.writeConsole(utf8('ghost'));
    await send(chip, utf8('2+2\r'));
    expect(await readUntil(chip, /download\r\n$/)).not.toContain('ghost');
    expect(heard).toEqual(['1+1\r']);
  });

  it('prints why the chip starts, for each cause', async () => {
    const chip = board();
    await chip.port.open({ baudRate: 115200 });
    chip.powerOn();
    await readUntil(chip, /boot:.*\r\n/);
    for (const [cause, text] of [
      ['software', 'rst:0xc (SW_CPU_RESET)'],
      ['watchdog', 'rst:0x10 (RTCWDT_RTC_RESET)'],
      ['deep-sleep', 'rst:0x5 (DEEPSLEEP_RESET)'],
    ] as const) {
      chip.reset('run', cause);
      expect(await readUntil(chip, /boot:.*\r\n/)).toContain(text);
    }
  });

  it('is garbled at a wrong rate on a bridge, and has no rate on USB-Serial-JTAG', async () => {
    for (const [connection, readable] of [
      ['bridge', false],
      ['usb-jtag', true],
    ] as const) {
      const chip = board({ chip: 'esp32c3', connection });
      await chip.port.open({ baudRate: 9600 });
      chip.powerOn();
      const { value } = await chip.port.readable!.getReader().read();
      expect(fromUtf8(value!).includes('ESP-ROM')).toBe(readable);
    }
  });

  it('takes the time that the rate says when paced', async () => {
    const chip = board({ paced: true });
    chip.powerOn();
    await chip.port.open({ baudRate: 115200 });
    await new Promise((resolve) => setTimeout(resolve, 50));
    const started = performance.now();
    await send(chip, new Uint8Array(2304)); // 200 ms
    expect(performance.now() - started).toBeGreaterThan(195);
  });
});

describe('the loaders on the wire', () => {
  const request = (op: number, ...data: number[]): Uint8Array =>
    slipEncode(new Uint8Array([0, op, data.length, 0, 0, 0, 0, 0, ...data]));

  async function answers(chip: VirtualEsp, bytes: Uint8Array): Promise<number[]> {
    await send(chip, bytes);
    const reader = chip.port.readable!.getReader();
    const { value } = await reader.read();
    reader.releaseLock();
    return [...value!];
  }

  async function inLoader(options: Partial<VirtualChipOptions> = {}): Promise<VirtualEsp> {
    const chip = board(options);
    chip.bootButton = true;
    chip.powerOn();
    await chip.port.open({ baudRate: 115200 });
    return chip;
  }

  it('answers SYNC eight times with a value', async () => {
    const chip = await inLoader();
    const sync = request(8, 7, 7, 0x12, 0x20, ...new Array<number>(32).fill(0x55));
    const one = [0xc0, 1, 8, 4, 0, 7, 7, 0x12, 0x20, 0, 0, 0, 0, 0xc0];
    const got = await answers(chip, sync);
    let all = got;
    if (got.length < 8 * one.length) {
      const { value } = await chip.port.readable!.getReader().read();
      all = [...got, ...value!];
    }
    expect(all).toEqual(Array.from({ length: 8 }, () => one).flat());
  });

  it('complains about an unknown command with code 5 and another op', async () => {
    const chip = await inLoader();
    const got = await answers(chip, request(0x14));
    expect(got.slice(0, 14)).toEqual([0xc0, 1, 0, 4, 0, 0, 0, 0, 0, 1, 5, 0, 0, 0xc0]);
  });

  it('understands a request in any portions and ignores text before it', async () => {
    const chip = await inLoader();
    const bytes = concatBytes(utf8('noise'), request(0x0a, 0, 0x10, 0, 0x40));
    for (const byte of bytes) await send(chip, new Uint8Array([byte]));
    const { value } = await chip.port.readable!.getReader().read();
    expect([...value!]).toEqual([0xc0, 1, 0x0a, 4, 0, 0x83, 0x1d, 0xf0, 0, 0, 0, 0, 0, 0xc0]);
  });

  it('survives requests that are cut short, too long or nonsense', async () => {
    const chip = await inLoader();
    for (let op = 0; op < 256; op++) {
      await send(chip, request(op));
      await send(chip, slipEncode(new Uint8Array([0, op, 0xff])));
      await send(chip, slipEncode(new Uint8Array(40).fill(op)));
      if (chip.state !== 'download') chip.reset('download');
    }
    expect(chip.state).toBe('download');
    expect(chip.flash.storedBytes).toBe(0);
  });
});
