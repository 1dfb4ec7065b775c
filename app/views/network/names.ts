/** Names of nodes as people type them: "lamp-1..5" is five names. */

/** The board keeps at most 32 bytes of UTF-8. */
export const NAME_LIMIT_BYTES = 32;
export const MANY_LIMIT = 400;

export type Names = { ok: true; names: string[] } | { ok: false; message: string };

/** Reads a list separated by commas, where `a-1..5` counts, keeping the width of the first number (`a-01..12`). */
export function readNames(text: string, taken: readonly string[]): Names {
  const names: string[] = [];
  for (const piece of text.split(',').map((part) => part.trim())) {
    if (piece === '') continue;
    const many = /^(.*?)(\d+)\s*\.\.\s*(\d+)$/.exec(piece);
    if (!many) {
      names.push(piece);
      continue;
    }
    const [, stem = '', first = '', last = ''] = many;
    const from = Number(first);
    const to = Number(last);
    if (to < from) return no(`"${piece}" counts backwards`);
    if (to - from >= MANY_LIMIT) return no(`"${piece}" is more than ${MANY_LIMIT} nodes`);
    for (let n = from; n <= to; n++) names.push(stem + String(n).padStart(first.length, '0'));
  }
  if (names.length === 0) return no('Type a name, or several such as lamp-1..5');
  return checkNames(names, taken);
}

function checkNames(names: string[], taken: readonly string[]): Names {
  const seen = new Set(taken.map(fold));
  for (const name of names) {
    const sizeBytes = new TextEncoder().encode(name).length;
    if (sizeBytes > NAME_LIMIT_BYTES)
      return no(`"${name}" is longer than ${NAME_LIMIT_BYTES} bytes`);
    if (seen.has(fold(name))) return no(`"${name}" is taken`);
    seen.add(fold(name));
  }
  return { ok: true, names };
}

/** Names that differ in case only would be mixed up by people. */
function fold(name: string): string {
  return name.normalize('NFC').toLowerCase();
}

function no(message: string): Names {
  return { ok: false, message };
}

/** The name after the last one: "lamp-5" gives "lamp-6"; without a number "-2" is added. */
export function nextName(taken: readonly string[], fallback = 'node-1'): string {
  const last = taken.at(-1);
  if (last === undefined) return fallback;
  const numbered = /^(.*?)(\d+)$/.exec(last);
  const stem = numbered?.[1] ?? `${last}-`;
  const digits = numbered?.[2] ?? '1';
  let n = Number(digits) + 1;
  const name = (): string => stem + String(n).padStart(digits.length, '0');
  while (taken.includes(name())) n++;
  return name();
}

/** Where nodes go when nobody says otherwise. */
export const DEFAULT_ZONE = 'main';

/** A zone as the fleet takes it: lower case, without spaces. */
export function zoneName(text: string): string {
  return text.trim().normalize('NFC').toLowerCase().replace(/\s+/gu, '-');
}
