// Division by what may be zero gives Infinity and NaN in every engine.
function classify(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'Infinity' : '-Infinity';
  return value.toFixed(2);
}

function all(a: number, b: number): void {
  console.log(
    classify(a / b),
    classify(a % b),
    classify(Math.floor(a / b)),
    classify(Math.trunc(a / b)),
  );
  console.log(classify(Math.ceil(a / b)), classify(Math.round(a / b)));
}

all(7, 2);
all(-7, 2);
all(7, -2);
all(7, 0);
all(-7, 0);
all(0, 0);
let zero = 0;
let value = 5;
value /= zero;
console.log(classify(value));
value = 5;
value %= zero;
console.log(classify(value));
zero = 4;
console.log(
  classify(10 / zero),
  10 % zero,
  Math.floor(10 / zero),
  Math.floor(2.5),
  Math.ceil(-2.5),
);
