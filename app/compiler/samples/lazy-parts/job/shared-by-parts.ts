/** Used by the parts only, but by both: it is the core's, too. */
export function spell(numbers: readonly number[]): string {
  return numbers.map((one) => `<${one}>`).join('');
}
