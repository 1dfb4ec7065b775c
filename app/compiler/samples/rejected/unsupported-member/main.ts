const list = [1, 2, 1];
console.log(list.lastIndexOf(1, 1));
