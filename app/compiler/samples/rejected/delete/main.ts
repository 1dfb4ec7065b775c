const box: { a?: number } = { a: 1 };
delete box.a;
console.log('a' in box);
