export function f(value: any): boolean {
  return value === 1;
}
