function* numbers(to: number): Generator<number> {
  for (let i = 0; i < to; i++) yield i;
}
function* all(): Generator<number> {
  yield 100;
  yield* numbers(3);
  yield 200;
}
for (const n of all()) console.log(n);
console.log([...numbers(4)].join());
const steps = numbers(2);
let step = steps.next();
while (step.done !== true) {
  console.log(step.value);
  step = steps.next();
}
console.log(step.done === true);
for (const n of all()) {
  if (n === 1) break;
  console.log(n);
}
