/**
 * A light that toggles in all nodes of the zone when a button on any of them is pressed.
 *
 * The button is the board's own (BOOT, pin 0, low when pressed) and the light an LED on pin 4. On a board without them, and on a
 * virtual one, the request `app.button` on the console presses it. What is sent is the state and not the toggling, so that a
 * light that missed a message is right again after the next.
 */
import { Pin } from 'machine';
import { ALL, Application, type Mesh, type Message } from 'meshwright';

const BUTTON_PIN = 0;
const LIGHT_PIN = 4;
/** A contact bounces this long. */
const BOUNCE_MS = 50;

class Light extends Application {
  private readonly contact: Pin = new Pin(BUTTON_PIN, Pin.IN, Pin.PULL_UP);
  private readonly lamp: Pin = new Pin(LIGHT_PIN, Pin.OUT);
  private isOn = false;
  private wasPressed = true;
  private pressedAtMs = 0;

  override start(): void {
    this.show(false);
  }

  override process(message: Message): void {
    if (message.zone !== this.mesh.zone) return;
    if (message.text === 'light on') this.show(true);
    else if (message.text === 'light off') this.show(false);
  }

  override tick(nowMs: number): void {
    const isPressed = this.contact.value() === 0;
    if (isPressed && !this.wasPressed && nowMs - this.pressedAtMs > BOUNCE_MS) {
      this.pressedAtMs = nowMs;
      this.button();
    }
    this.wasPressed = isPressed;
  }

  override button(): void {
    this.show(!this.isOn);
    const result = this.mesh.send(ALL, this.isOn ? 'light on' : 'light off');
    if (!result.ok) this.mesh.log('only this light was switched: ' + result.text);
  }

  private show(isOn: boolean): void {
    this.isOn = isOn;
    this.lamp.value(isOn ? 1 : 0);
    this.mesh.log(isOn ? 'light on' : 'light off');
  }
}

export function application(mesh: Mesh): Application {
  return new Light(mesh);
}
