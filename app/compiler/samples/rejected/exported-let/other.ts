export let count = 0;
export function add(): void {
  count += 1;
}
