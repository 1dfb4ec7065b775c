export const PRIMES = [2, 3, 5, 7];

export function primeAt(at: number): number {
  const prime = PRIMES[at];
  return prime === undefined ? 0 : prime;
}
