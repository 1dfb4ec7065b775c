export function area(n: number): number {
  return n * n;
}
