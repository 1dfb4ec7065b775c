/**
 * The board's light.
 *
 *   pattern     the node                                          one second of light
 *   ---------   -----------------------------------------------   --------------------
 *   searching   has no network yet, or no place in it             #.........
 *   joined      has a root, or is it                              ##########
 *   setup       looks for a registrar, or admits nodes (45 s)     #.#.......
 *   identify    was asked to show itself (6 s)                    #.#.#.#.#.
 */
import { Pin } from 'machine';

/** Pin of the light on the common development board of each chip; -1 where there is none that a level can switch. */
function lightPin(chip: string): number {
  switch (chip) {
    case 'esp32':
      return 2;
    case 'esp32s2':
      return 15;
    case 'esp32c3':
      return 8;
    default:
      return -1;
  }
}

const STEADY = 0x3ff;

/** Which tenths of a second are lit, the first in the lowest bit. */
function tenthsOf(pattern: string): number {
  if (pattern === 'joined') return STEADY;
  if (pattern === 'identify') return 0x155;
  return pattern === 'setup' ? 5 : 1;
}

/** Of the time, what a pattern looks at: it comes round after twelve days, in the middle of a second. */
const PHASE = 0x3fffffff;

export class Light {
  private readonly pin: Pin | null;
  /** The C3 boards' light is on at a low level. */
  private readonly onLevel: number;
  private tenths = 0;
  private level = -1;

  constructor(chip: string) {
    const pin = lightPin(chip);
    this.pin = pin < 0 ? null : new Pin(pin, Pin.OUT);
    this.onLevel = chip === 'esp32c3' ? 0 : 1;
  }

  show(pattern: string): void {
    this.tenths = tenthsOf(pattern);
  }

  /** When tick() has something to do at the earliest. */
  wakeAtMs(nowMs: number): number {
    const steady = this.pin === null || this.tenths === STEADY;
    return nowMs + (steady ? 1000 : 100 - ((nowMs & PHASE) % 100));
  }

  tick(nowMs: number): void {
    const pin = this.pin;
    if (pin === null) return;
    const lit = ((this.tenths >> Math.floor(((nowMs & PHASE) % 1000) / 100)) & 1) === 1;
    const level = lit ? this.onLevel : 1 - this.onLevel;
    if (level === this.level) return;
    this.level = level;
    pin.value(level);
  }
}
