import { afterEach, describe, expect, it } from 'vitest';
import { fromUtf8, utf8 } from '../base/bytes.ts';
import { composeRegions } from '../image/compose.ts';
import { checkRuntime } from '../runtimes/check.ts';
import { standInRuntime } from '../runtimes/stand-in.ts';
import type { BoardState } from './board-state.ts';
import { saveFlash } from './board-state.ts';
import { VirtualWorldClient } from './client.ts';
import type { BoardHandle } from './client.ts';
import { FlashChip } from './flash-chip.ts';
import type { Endpoint } from './messages.ts';
import { loadFlash } from './testing.ts';
import { WorldServer } from './world-server.ts';

const cleanUps: (() => void)[] = [];
afterEach(() => {
  for (const cleanUp of cleanUps.splice(0)) cleanUp();
});

function start(): VirtualWorldClient {
  const { port1, port2 } = new MessageChannel();
  const server = new WorldServer(port2 as unknown as Endpoint, undefined);
  const client = new VirtualWorldClient(port1 as unknown as Endpoint, { seed: 1, bootMs: 50 });
  const failures: string[] = [];
  client.onError = (message) => failures.push(message);
  cleanUps.push(() => {
    server.close();
    port1.close();
    port2.close();
    expect(failures).toEqual([]);
  });
  return client;
}

function stateWith(main: string, mac = '24:0a:c4:00:00:20'): BoardState {
  const flash = new FlashChip(4 << 20);
  loadFlash(flash, 'esp32', { files: { 'main.py': main } });
  return { version: 1, chip: 'esp32', mac, name: 'one', x: 1, y: 2, flash: saveFlash(flash) };
}

/** Reads the port until the text has come; throws after five seconds. */
async function readUntil(board: BoardHandle, pattern: RegExp): Promise<string> {
  const reader = board.port.readable!.getReader();
  const timer = setTimeout(() => void reader.cancel('too late'), 5000);
  let text = '';
  try {
    while (!pattern.test(text)) {
      const { value, done } = await reader.read();
      if (done) throw new Error(`the port ended; so far: ${text}`);
      text += fromUtf8(value);
    }
    return text;
  } finally {
    clearTimeout(timer);
    reader.releaseLock();
  }
}

async function send(board: BoardHandle, bytes: Uint8Array): Promise<void> {
  const writer = board.port.writable!.getWriter();
  await writer.write(bytes);
  writer.releaseLock();
}

describe('the page’s side of the virtual world', () => {
  it('gives a port on which a board boots and answers', async () => {
    const client = start();
    const board = client.restoreBoard(stateWith('print("up")\n'), { powered: false });
    await board.port.open({ baudRate: 115200 });
    board.powerOn();
    const text = await readUntil(board, />>> $/);
    expect(text).toMatch(/^ets Jul 29 2019[^]*\r\nup\r\nMicroPython/);
    await send(board, utf8('print(6 * 7)\r'));
    expect(await readUntil(board, />>> $/)).toBe('print(6 * 7)\r\n42\r\n>>> ');
    await board.port.close();
    expect(board.port.readable).toBeNull();
    await expect(board.port.close()).rejects.toThrow();
  });

  it('resets the board by DTR and RTS into its firmware or its loader', async () => {
    const client = start();
    const board = client.restoreBoard(stateWith('print("up")\n'));
    await board.port.open({ baudRate: 115200 });
    await board.port.setSignals({ dataTerminalReady: false, requestToSend: true });
    await board.port.setSignals({ dataTerminalReady: false, requestToSend: false });
    expect(await readUntil(board, />>> $/)).toMatch(/POWERON_RESET[^]*up/);
    await board.port.setSignals({ dataTerminalReady: false, requestToSend: true });
    await board.port.setSignals({ dataTerminalReady: true, requestToSend: false });
    expect(await readUntil(board, /waiting for download/)).toMatch(/DOWNLOAD_BOOT/);
  });

  it('loses the port when the cable comes out, and has it back', async () => {
    const client = start();
    const board = client.restoreBoard(stateWith('print("up")\n'));
    await board.port.open({ baudRate: 115200 });
    const reader = board.port.readable!.getReader();
    const lost = new Promise((resolve) => board.port.addEventListener('disconnect', resolve));
    const failed = (async () => {
      for (;;) if ((await reader.read()).done) return 'ended';
    })().catch((error: unknown) => (error as Error).name);
    board.unplug();
    await lost;
    expect(await failed).toBe('NetworkError');
    await expect(board.port.open({ baudRate: 115200 })).rejects.toThrow(/Failed to open/);
    const back = new Promise((resolve) => board.port.addEventListener('connect', resolve));
    board.plug();
    await back;
    await board.port.open({ baudRate: 115200 });
    expect(await readUntil(board, />>> $/)).toMatch(/up/);
  });

  it('saves a board with what its firmware wrote, and brings it back in another world', async () => {
    const main =
      'import esp32\nn = esp32.NVS("t")\ntry:\n    v = n.get_i32("v")\nexcept OSError:\n    v = 0\nprint("v", v)\nn.set_i32("v", v + 1)\n';
    const first = start();
    const board = first.restoreBoard(stateWith(main), { powered: false });
    await board.port.open({ baudRate: 115200 });
    board.powerOn();
    expect(await readUntil(board, />>> $/)).toMatch(/v 0/);
    const state = structuredClone(await board.saveState());
    expect(state).toMatchObject({ mac: board.mac, name: 'one', x: 1, y: 2, version: 1 });
    board.remove();
    await expect(board.saveState()).rejects.toThrow(/no longer/);
    const second = start();
    const again = second.restoreBoard(state, { powered: false });
    await again.port.open({ baudRate: 115200 });
    again.powerOn();
    expect(await readUntil(again, />>> $/)).toMatch(/v 1/);
  });

  it('makes an address for a new, blank board and tells what boards do', async () => {
    const client = start();
    const news: string[] = [];
    client.listen((item) => {
      if (item.kind === 'activity') news.push(item.activity);
    });
    const board = client.addBoard({ chip: 'esp32c3', x: 0, y: 0 });
    expect(board.mac).toMatch(/^24:0a:c4(:[0-9a-f]{2}){3}$/);
    expect(() => client.addBoard({ chip: 'esp32', x: 0, y: 0, mac: board.mac })).toThrow(/already/);
    await board.port.open({ baudRate: 115200 });
    expect(await readUntil(board, /invalid header: 0xffffffff/)).toBeTruthy();
    expect(news).toEqual(['boot-loop', 'boot-loop']);
    const { boards } = await client.measure();
    expect(boards[0]).toMatchObject({ mac: board.mac, activity: 'boot-loop' });
  });

  it('passes faults of the loader side through', async () => {
    const client = start();
    const board = client.restoreBoard(stateWith('print("up")\n'));
    board.faults({ portBusy: true });
    await expect(board.port.open({ baudRate: 115200 })).rejects.toThrow(/Failed to open/);
    board.faults({ portBusy: false, noAutoReset: true });
    await board.port.open({ baudRate: 115200 });
    await readUntil(board, />>> $/);
    await board.port.setSignals({ dataTerminalReady: false, requestToSend: true });
    await board.port.setSignals({ dataTerminalReady: true, requestToSend: false });
    await send(board, utf8('1+1\r'));
    expect(await readUntil(board, />>> $/)).toBe('1+1\r\n2\r\n>>> ');
  });
});

describe('an image composed for a stand-in runtime', () => {
  it('boots on every chip into the project’s main.py, which finds the firmware sound and starts it', async () => {
    for (const chip of ['esp32', 'esp32s2', 'esp32s3', 'esp32c3', 'esp32c6'] as const) {
      const check = checkRuntime(standInRuntime(chip));
      if (!check.ok) throw new Error(check.message);
      const regions = composeRegions({
        runtime: check.runtime,
        flashSizeBytes: 4 << 20,
        identity: [{ namespace: 'mesh', key: 'schema', value: { kind: 'i32', value: 1 } }],
        // Its digest is right, so main.py imports it; a module without the magic byte is refused cleanly.
        modules: [{ name: 'board_main', mpy: utf8('not bytecode') }],
      });
      const flash = new FlashChip(4 << 20);
      for (const { at, bytes } of regions) flash.load(at, bytes);
      const board = start().restoreBoard(
        { ...stateWith(''), chip, flash: saveFlash(flash) },
        { powered: false },
      );
      await board.port.open({ baudRate: 115200 });
      board.powerOn();
      const text = await readUntil(board, /restart in 2 s/);
      expect(text).toMatch(/ValueError: incompatible .mpy file[^]*firmware failed, restart in 2 s/);
    }
  });
});
