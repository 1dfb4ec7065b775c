type Handler = (args: readonly string[]) => string;

const handlers = new Map<string, Handler>();

function register(name: string, handler: Handler): void {
  handlers.set(name, handler);
}

register('add', (args) => {
  let sum = 0;
  for (const one of args) sum += parseInt(one, 10);
  return String(sum);
});
register('join', (args) => args.join('-'));
register('upper', (args) => args.map((one) => one.toUpperCase()).join(' '));
register('count', (args) => `${String(args.length)} words`);

export function execute(line: string): string {
  const words = line
    .trim()
    .split(' ')
    .filter((word) => word !== '');
  const [name, ...args] = words;
  if (name === undefined) return '';
  const handler = handlers.get(name);
  if (handler === undefined) return `unknown: ${name}`;
  return handler(args);
}

const LINES = [
  'add 1 2 39',
  ' join a b  c',
  'upper hello world',
  'count a b c d',
  'nothing here',
  '  ',
];

export function run(): number {
  let size = 0;
  for (let i = 0; i < 10; i++) {
    for (const line of LINES) size += execute(line).length;
  }
  return size;
}
