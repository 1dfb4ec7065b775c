import { Counter } from '../shared.ts';
import { Runner, Trouble } from './own.ts';
import { spell } from './shared-by-parts.ts';
import { total } from './other.ts';
export type { Runner } from './own.ts';
export function open(counter: Counter): Runner {
  return new Runner(counter);
}
export function fresh(label: string, ...values: number[]): Counter {
  const made = new Counter(`${label}${spell(values)}`);
  for (const value of values) made.add(value);
  return made;
}
export function fail(text: string): never {
  throw new Trouble(text);
}
/** A part may call another one. */
export function both(values: number[]): string {
  return `${total(values)} ${spell(values)}`;
}
