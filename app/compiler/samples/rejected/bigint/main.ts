const big = 5n;
console.log(big === undefined);
