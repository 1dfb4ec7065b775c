const bytes = new Uint8Array(2);
function half(value: number): number {
  return value / 2;
}
export function put(value: number): void {
  bytes[0] = half(value);
}
