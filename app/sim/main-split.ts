import { splitMainPy } from '../image/main-py.ts';

/** A main.py without the closing loop is simply run; one that only raises again needs no handler. */
export function splitOrWhole(text: string): { setup: string; step: string; onError: string } {
  const parts = splitMainPy(text) ?? { setup: text, step: '', onError: '' };
  return parts.onError.trim() === 'raise error' ? { ...parts, onError: '' } : parts;
}
