const made = Math;
console.log(made === undefined);
