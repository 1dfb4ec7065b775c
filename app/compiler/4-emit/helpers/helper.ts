/** A runtime helper: its Python text, and the helpers that text calls. */
export interface Helper {
  needs?: readonly string[];
  python: string;
}
