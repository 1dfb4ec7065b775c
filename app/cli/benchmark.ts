import type { Invocation } from './command.ts';

export interface Figure {
  readonly what: string;
  readonly value: number;
  readonly unit: string;
  /** In words, such as "at most 1.15". */
  readonly target: string;
  readonly met: boolean;
}

/** Progress goes to the invocation's err(). */
export type Benchmark = (invocation: Invocation) => Promise<Figure[]>;

export function atMost(what: string, value: number, limit: number, unit: string): Figure {
  return { what, value, unit, target: `at most ${limit}`, met: value <= limit };
}

export function atLeast(what: string, value: number, limit: number, unit: string): Figure {
  return { what, value, unit, target: `at least ${limit}`, met: value >= limit };
}

const NO_TARGET = 'no target';
const NOT_YET = 'not built yet';

/** A target for which there is nothing to measure yet; neither met nor missed. */
export function notYet(what: string, target: string): Figure {
  return { what, value: Number.NaN, unit: '', target: `${NOT_YET}; ${target}`, met: true };
}

/** A figure without a target of its own. */
export function noted(what: string, value: number, unit: string): Figure {
  return { what, value, unit, target: NO_TARGET, met: true };
}

/** @returns the exit status: 1 when a target was missed. */
export function printFigures(
  { json, out }: Pick<Invocation, 'json' | 'out'>,
  figures: readonly Figure[],
): number {
  const ok = figures.every((figure) => figure.met);
  if (json) out(JSON.stringify({ ok, figures }));
  else {
    for (const { what, value, unit, target, met } of figures) {
      const open = target === NO_TARGET || target.startsWith(NOT_YET);
      const sign = open ? '      ' : met ? 'met   ' : 'MISSED';
      const number = Number.isNaN(value) ? '-' : value.toFixed(2);
      out(`${sign}  ${number.padStart(7)} ${unit.padEnd(3)} (${target})  ${what}`);
    }
  }
  return ok ? 0 : 1;
}
