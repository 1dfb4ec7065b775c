// `??=`, `||=` and `&&=` where there is nothing yet.
interface Options {
  retries?: number;
  label?: string;
  nested?: { deep?: string };
}

const none: Options = {};
none.retries &&= 9;
console.log(none.retries === undefined, 'retries' in none);
none.retries ??= 3;
none.label ||= 'first';
none.label ||= 'second';
none.label &&= none.label + '!';
console.log(none.retries, none.label);

function withDefaults(options: Options): Options {
  options.retries ??= 3;
  (options.nested ??= {}).deep ??= 'x';
  return options;
}
console.log(JSON.stringify(withDefaults({})));
console.log(JSON.stringify(withDefaults({ retries: 0, nested: { deep: '' } })));

const list: (number | undefined)[] = [1];
list[0] ??= 5;
list[1] ??= 7;
console.log(list.length, list.join());

class Box {
  value?: number;
  name: string | undefined = undefined;
}
const box = new Box();
box.value ??= 3;
box.name ||= 'n';
console.log(box.value, box.name);

const record: Record<string, number> = {};
record['a'] ??= 1;
record['a'] += 1;
record['b'] ||= 4;
console.log(record['a'], record['b']);

let evaluated = 0;
const next = (): number => {
  evaluated += 1;
  return evaluated;
};
none.retries ??= next();
console.log(evaluated, none.retries);
