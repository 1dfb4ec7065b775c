const t = 'Hello, World';
console.log(
  t.slice(-5),
  t.slice(2, -3),
  t.at(-1) ?? '',
  t.indexOf('o'),
  t.indexOf('o', 5),
  t.lastIndexOf('o'),
  t.includes('World'),
);
console.log(
  t.padStart(15, '*'),
  t.padEnd(15, '-=') + '|',
  'ab'.repeat(3),
  t.split(', ').join('|'),
  t.split('').length,
);
console.log(
  t.replace('l', 'L'),
  t.replaceAll('l', 'L'),
  t.toUpperCase(),
  t.toLowerCase(),
  '  x '.trim() + '|',
  t.charAt(1),
  t.charCodeAt(0),
);
console.log(
  t.substring(5, 2),
  t.substring(7),
  t.startsWith('Hell'),
  t.endsWith('d'),
  t.startsWith('World', 7),
  t.concat('!', '?'),
);
console.log(
  'a,b,,c'.split(',').length,
  ''.split(',').length,
  'abc'.split('').reverse().join(''),
  [...'héé'].length,
  'x' < 'y',
  'a' < 'B',
  'abc' < 'abd',
);
console.log('abc'.at(5) ?? 'none', 'abc'.charAt(9) === '', 'abc'[1]!, 'a-b-c'.split('-', 2).join());
console.log(
  'abcabc'.indexOf('c', -5),
  'abcabc'.lastIndexOf('c', 4),
  'abc'.indexOf(''),
  'abc'.slice(5) === '',
  'abc'.substring(-1, 2),
);
console.log(
  'tab\tq"uote\\'.length,
  `multi
line`.length,
  "it's",
  'dq',
  `a${1 + 1}b${'c'}d${true}`,
);
console.log(
  'z'.codePointAt(0) ?? 0,
  String.fromCharCode(72, 105),
  'abc' + 1 + 2,
  1 + 2 + 'abc',
  'n' + -1,
  'b' + true,
);
console.log(
  'one two  three'
    .split(' ')
    .filter((w) => w.length > 0)
    .map((w) => w[0]!.toUpperCase() + w.slice(1))
    .join(' '),
);
console.log(
  'aXbXc'.replaceAll('X', ''),
  'x'.padStart(3).length,
  'abc'.endsWith('b', 2),
  'abc'.includes('a', 1),
);
