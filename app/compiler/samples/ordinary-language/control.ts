outer: for (let i = 0; i < 5; i++) {
  let j = 0;
  while (true) {
    j++;
    if (j === i) continue outer;
    if (j > 3) break outer;
  }
}
let k = 0;
do {
  k++;
  if (k === 2) continue;
  if (k > 4) break;
} while (k < 10);
console.log(k);
block: {
  if (k > 3) break block;
  console.log('not reached');
}
console.log('after block');
for (let i = 10; i > 0; i -= 3) console.log(i);
for (let i = 0, n = 3; i < n; i++) {
  if (i === 1) continue;
  console.log('i', i);
}
switch (true) {
  case k > 100:
    console.log('big');
    break;
  case k > 3:
    console.log('medium');
    break;
  default:
    console.log('small');
}
function kind(x: string): number {
  switch (x) {
    case 'a':
    case 'b':
      return 1;
    case 'c': {
      const y = 5;
      return y;
    }
    default:
      return 0;
  }
}
console.log(kind('a'), kind('b'), kind('c'), kind('d'));
let r = '';
for (const ch of 'abc') {
  switch (ch) {
    case 'b':
      continue;
    case 'c':
      r += '!';
      break;
    default:
      r += ch;
  }
  r += '.';
}
console.log(r);
let i = 0,
  total = 0;
for (;;) {
  if (i >= 5) break;
  total += i++;
}
console.log(total);
let q = 0;
while (q < 3) q++;
console.log(q);
if (q === 3) {
  console.log('three');
} else if (q === 4) console.log('four');
else console.log('else');
const un: number | undefined = q > 100 ? 1 : undefined;
console.log(un ?? 'none', un === undefined, typeof un === 'undefined');
let late: string | null = null;
late ??= 'set';
late &&= late;
console.log(late);
