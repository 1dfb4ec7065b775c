type State = 'idle' | 'joining' | 'joined' | 'failed';
type Input = 'start' | 'accept' | 'reject' | 'lost' | 'tick';

export class Joiner {
  state: State = 'idle';
  attempts = 0;
  readonly log: string[] = [];

  handle(input: Input, atMs: number): void {
    const before = this.state;
    switch (this.state) {
      case 'idle':
        if (input === 'start') {
          this.state = 'joining';
          this.attempts = 1;
        }
        break;
      case 'joining':
        if (input === 'accept') this.state = 'joined';
        else if (input === 'reject') {
          this.attempts++;
          if (this.attempts > 3) this.state = 'failed';
        }
        break;
      case 'joined':
        if (input === 'lost') this.state = 'joining';
        break;
      default:
        if (input === 'tick') this.state = 'idle';
    }
    if (before !== this.state) this.log.push(`${before} -> ${this.state} at ${String(atMs)}`);
  }
}

const INPUTS: readonly Input[] = [
  'start',
  'reject',
  'accept',
  'tick',
  'lost',
  'reject',
  'reject',
  'reject',
  'tick',
];

export function run(): number {
  const joiner = new Joiner();
  for (let i = 0; i < 200; i++) joiner.handle(INPUTS[i % INPUTS.length] as Input, i);
  return joiner.log.length * 10 + joiner.attempts;
}
