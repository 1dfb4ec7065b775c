/** MicroPython's friendly prompt, cut down to single lines: echo, backspace, Ctrl-C (new line), Ctrl-D (soft reset). */
export interface PromptOptions {
  banner: string;
  write: (text: string) => void;
  softReset: () => void;
  /** Runs a line; `done` must be called when it has ended. */
  run: (line: string, done: () => void) => void;
}

const BACKSPACE = 8;
const DELETE = 127;
const CTRL_D = 4;
const ENTER = 13;
const FIRST_PRINTABLE = 32;

export class Prompt {
  busy = false;
  #line = '';
  readonly #options: PromptOptions;

  constructor(options: PromptOptions) {
    this.#options = options;
    options.write(`${options.banner}>>> `);
  }

  interrupt(): void {
    this.#line = '';
    this.#options.write('\r\n>>> ');
  }

  type(byte: number): void {
    if (byte === ENTER) {
      this.#enter();
    } else if (byte === CTRL_D && this.#line === '') {
      this.#options.write('\r\n');
      this.#options.softReset();
    } else if (byte === BACKSPACE || byte === DELETE) {
      if (this.#line === '') return;
      this.#line = this.#line.slice(0, -1);
      this.#options.write('\b \b');
    } else if (byte >= FIRST_PRINTABLE && byte < DELETE) {
      const character = String.fromCharCode(byte);
      this.#line += character;
      this.#options.write(character);
    }
  }

  #enter(): void {
    const line = this.#line;
    this.#line = '';
    this.#options.write('\r\n');
    if (line.trim() === '') {
      this.#options.write('>>> ');
      return;
    }
    this.busy = true;
    this.#options.run(line, () => {
      this.busy = false;
      this.#options.write('>>> ');
    });
  }
}
