import { clamp, Counter } from './shared.ts';
import { both, fail, fresh, open, type Runner } from './job/work.ts';
import { shown, total } from './job/other.ts';
import { Place } from './place.ts';
const place = new Place();
console.log(place.collect(), place.path, place.modules);
const counter = new Counter('a');
let runner: Runner | null = open(counter);
while (!runner.isOver()) console.log(runner.step(1), counter.count);
runner = null;
console.log(shown([1, 2, 3]), total([4, 5]), clamp(99));
const made = fresh('b', 1, 2);
console.log(made.label, made.count, made instanceof Counter, made.add(4));
for (let i = 0; i < 3; i += 1) console.log(both([i, i + 1]));
try {
  fail('on purpose');
} catch (error) {
  console.log(error instanceof Error ? `${error.name}: ${error.message}` : 'none');
}
