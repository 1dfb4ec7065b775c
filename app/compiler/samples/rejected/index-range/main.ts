export function last(list: readonly number[]): number {
  return list[list.length] + list[-1] + list[0.5];
}
