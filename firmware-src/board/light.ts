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

/** The board's light: blinks while searching, steady when joined, fast to identify. */
export class Light {
  private readonly pin: Pin | null;
  /** The C3 boards' light is on at a low level. */
  private readonly onLevel: number;
  private pattern = 'off';
  private level = -1;

  constructor(chip: string) {
    const pin = lightPin(chip);
    this.pin = pin < 0 ? null : new Pin(pin, Pin.OUT);
    this.onLevel = chip === 'esp32c3' ? 0 : 1;
  }

  show(pattern: string): void {
    this.pattern = pattern;
  }

  tick(nowMs: number): void {
    const pin = this.pin;
    if (pin === null) return;
    let lit = false;
    if (this.pattern === 'joined') lit = true;
    else if (this.pattern === 'searching') lit = nowMs % 1000 < 100;
    else if (this.pattern === 'identify') lit = nowMs % 200 < 100;
    const level = lit ? this.onLevel : 1 - this.onLevel;
    if (level === this.level) return;
    this.level = level;
    pin.value(level);
  }
}
