declare module 'micropython' {
  /** The byte on the console that raises KeyboardInterrupt; -1 none. The REPL sets it back to 3. */
  export function kbd_intr(byte: number): void;
}
