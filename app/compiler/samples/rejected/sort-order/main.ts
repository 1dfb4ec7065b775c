console.log([10, 9].sort().join());
