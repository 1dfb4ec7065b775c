const big = 9007199254740993;
console.log(big);
