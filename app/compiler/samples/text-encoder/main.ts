function show(text: string): void {
  const bytes = new TextEncoder().encode(text);
  const parts: string[] = [];
  for (const byte of bytes) parts.push(byte.toString(16));
  console.log(bytes.length, parts.join(' '));
}

show('');
show('plain ASCII');
show('é ß €');
console.log(
  JSON.stringify(['a"b\\c', 'tab\tline\nreturn\r', '\b\f\u0001', 'back\\u0041slash', 'é€']),
);
