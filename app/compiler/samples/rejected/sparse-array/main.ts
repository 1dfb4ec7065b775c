const list = [1, , 3];
console.log(list.length);
