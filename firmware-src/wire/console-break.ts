/** Control-C on the console, told from the same byte inside noise: the runtime's own handling would stop at any 0x03. */
const CONTROL_C = 3;
const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
/** Bytes of one burst come closer together than this. */
const PAUSE_MS = 30;

/** Somebody wants the REPL: Control-C after a pause, at the start of a line (as tools send it), or twice. */
export class BreakReader {
  private last = 0;
  private lastAtMs = -PAUSE_MS;

  /** Takes each byte that comes; true when it asks for the REPL. */
  push(byte: number, atMs: number): boolean {
    const last = this.last;
    const paused = atMs - this.lastAtMs >= PAUSE_MS;
    this.last = byte;
    this.lastAtMs = atMs;
    if (byte !== CONTROL_C) return false;
    return paused || last === CONTROL_C || last === LINE_FEED || last === CARRIAGE_RETURN;
  }
}
