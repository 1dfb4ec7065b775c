interface Options {
  name: string;
  size: number;
  deep?: boolean;
}
const options: Options = { name: 'x', size: 3, deep: true };
const { name, ...others } = options;
console.log(name, others.size, others.deep === true, JSON.stringify(others));
function take({ size, ...rest }: Options): string {
  return `${size} ${Object.keys(rest).join()}`;
}
console.log(take(options));
const rec: Record<string, number> = { a: 1, b: 2, c: 3 };
const { a, ...left } = rec;
console.log(a === 1, Object.keys(left).join(), JSON.stringify(left));
