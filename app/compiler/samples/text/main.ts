const text = 'Hello, mesh';
console.log(text.length, text[1], text.charAt(20) === '', text.charCodeAt(0), text.at(-1) ?? '');
console.log(
  text.slice(7),
  text.slice(-4, -1),
  text.substring(5, 2),
  text.substring(3),
  text.indexOf('l'),
);
console.log(text.indexOf('l', 4), text.lastIndexOf('l'), text.indexOf('z'), text.includes('mesh'));
console.log(text.startsWith('Hell'), text.startsWith('mesh', 7), text.endsWith('sh'));
console.log('a,b,,c'.split(',').length, 'abc'.split('').join('-'), ''.split(',').length);
console.log(
  '7'.padStart(3, '0'),
  'ab'.padEnd(5, '.-') + '|',
  'x'.repeat(3),
  'abc'.padStart(2, '0'),
);
console.log(
  '  trim '.trim() + '|',
  ' a '.trimStart() + '|',
  ' a '.trimEnd() + '|',
  'MiX'.toLowerCase(),
  'MiX'.toUpperCase(),
);
console.log('a-b-c'.replaceAll('-', '+'), 'a-b-c'.replace('-', '+'), 'abc'.concat('d', 'e'));
console.log(
  String.fromCharCode(77, 101),
  String.fromCodePoint(228),
  'ä'.codePointAt(0) ?? 0,
  String(5) + String(true),
);
console.log(`${1 + 1} ${'a'}${true} 100% ${text.length > 5}`, `plain`, `${'only'}`);
console.log('quote \' " \\ tab\t end', 'ümlaut €', 'a' < 'b', 'B' < 'a', 'abc' > 'abd');
for (const character of 'añ') console.log(character);
let built = '';
for (let i = 0; i < 3; i++) built += i;
console.log(built, 'n' + 1 + 2, 1 + 2 + 'n', 'x' + -1);
const codes = [104, 105];
console.log(String.fromCharCode(...codes), [...'hi'].map((c) => c.charCodeAt(0)).join());
