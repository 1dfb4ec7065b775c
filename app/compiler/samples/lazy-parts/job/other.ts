import { spell } from './shared-by-parts.ts';
export function total(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum;
}
export function shown(values: readonly number[]): string {
  return spell([total(values)]);
}
