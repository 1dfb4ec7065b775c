import { describe, expect, it } from 'vitest';
import { bench, loadFlash } from './testing.ts';
import { createWorld } from './world.ts';

describe('the loop of a board', () => {
  it('stands still when something holds it up; meanwhile the ring takes what it has room for, and the watchdog bites', async () => {
    const loop = (dog: string): string =>
      `import time, machine, sys, select\n${dog}\nlast = time.ticks_ms()\nprint("start", machine.reset_cause())\n` +
      `def step():\n    global last\n    now = time.ticks_ms()\n    gap = time.ticks_diff(now, last)\n    last = now\n` +
      `    if gap > 100:\n        print("gap", gap)\n    FEED\n    time.sleep_ms(10)\n    return True\nwhile step():\n    pass\n`;
    const plain = bench([loop('').replace('FEED', 'pass')]);
    await plain.advance(500);
    plain.boards[0]!.stall(700);
    await plain.advance(100);
    plain.boards[0]!.type(new Uint8Array(300).fill(0x41));
    await plain.advance(2000);
    const gap = Number(/^gap (\d+)$/m.exec(plain.read())?.[1]);
    expect(gap).toBeGreaterThanOrEqual(700);
    expect(gap).toBeLessThan(730);
    expect(plain.boards[0]!.measure().droppedInput).toBe(41);
    const watched = bench([loop('dog = machine.WDT(0, 1000)').replace('FEED', 'dog.feed()')]);
    await watched.advance(500);
    watched.boards[0]!.stall(700);
    await watched.advance(2000);
    expect(watched.read()).toMatch(/gap 7\d\d\n$/);
    watched.boards[0]!.stall(1500);
    await watched.advance(3000);
    expect(watched.read()).toContain('start 3\n');
  });

  it('begins 2.4 s after power-on, as main.py does on a stock build (platform facts, section 14)', async () => {
    const world = createWorld({ clock: 'virtual', seed: 1 });
    const board = world.addBoard({ chip: 'esp32', mac: '24:0a:c4:00:00:10', x: 0, y: 0 });
    loadFlash(board.flash, 'esp32', { files: { 'main.py': 'print("here")\n' } });
    let printed = '';
    board.onConsole = (bytes) => (printed += new TextDecoder().decode(bytes));
    board.powerOn();
    await world.advance(2390);
    expect(printed).not.toContain('here');
    await world.advance(20);
    expect(printed).toContain('here');
  });
});
