/** How long a repeated request is recognised as a repetition. */
const REMEMBER_MS = 10000;
const MOST_ANSWERS = 6;

class KeptAnswer {
  readonly id: number;
  readonly request: string;
  readonly line: Uint8Array;
  readonly atMs: number;

  constructor(id: number, request: string, line: Uint8Array, atMs: number) {
    this.id = id;
    this.request = request;
    this.line = line;
    this.atMs = atMs;
  }
}

/**
 * The last answers to requests that do something, so that a repetition (same id, same type, within ten seconds) gets the
 * same answer and nothing is done twice. `hello` begins a conversation anew and clears it: a page that was reloaded
 * may count from 1 again.
 */
export class AnswerStore {
  private kept: KeptAnswer[] = [];

  find(id: number, request: string, atMs: number): Uint8Array | null {
    for (const answer of this.kept) {
      if (answer.id === id && answer.request === request && atMs - answer.atMs < REMEMBER_MS) {
        return answer.line;
      }
    }
    return null;
  }

  keep(id: number, request: string, line: Uint8Array, atMs: number): void {
    if (this.kept.length >= MOST_ANSWERS) this.kept.shift();
    this.kept.push(new KeptAnswer(id, request, line, atMs));
  }

  clear(): void {
    this.kept = [];
  }
}
