import { Pin } from 'machine';
import { Press } from '../node/press.ts';

/** The boot button of the common development boards; pressed, it pulls the pin low. */
function buttonPin(chip: string): number {
  return chip === 'esp32c3' || chip === 'esp32c6' ? 9 : 0;
}

/** The board's own button. An application may read the same pin: setup takes notice of one long press only. */
export class Button {
  private readonly pin: Pin;
  private readonly press: Press = new Press();

  constructor(chip: string) {
    this.pin = new Pin(buttonPin(chip), Pin.IN, Pin.PULL_UP);
  }

  /** True once, when it was let go after being held as long as setup wants it. */
  isPressed(nowMs: number): boolean {
    return this.press.feed(this.pin.value() === 0, nowMs);
  }
}
