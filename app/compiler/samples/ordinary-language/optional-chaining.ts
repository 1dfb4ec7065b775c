interface Node_ {
  value: number;
  next?: Node_;
  fn?: (n: number) => number;
  list?: number[];
}
const n: Node_ = { value: 1, next: { value: 2, fn: (x) => x * 2, list: [7] } };
console.log(
  n.next?.value ?? -1,
  n.next?.next?.value ?? -1,
  n.next?.fn?.(21) ?? -1,
  n.fn?.(1) ?? 'no fn',
  n.next?.list?.[0] ?? -1,
  n.list?.[0] ?? -1,
  n.next?.list?.length ?? -1,
);
const maybe: { m(): string } | undefined = n.value > 5 ? { m: () => 'x' } : undefined;
console.log(maybe?.m() ?? 'undefined');
let f: (() => number) | undefined;
console.log(f?.() ?? 0);
f = () => 3;
console.log(f?.() ?? 0);
const arr: (number[] | null)[] = [[1], null];
console.log(arr[0]?.[0] ?? -1, arr[1]?.[0] ?? -1, arr[5]?.length ?? -1);
