const key = Symbol.iterator;
console.log(typeof key === 'string');
