const n: number = [1].length;
console.log(n / 3);
