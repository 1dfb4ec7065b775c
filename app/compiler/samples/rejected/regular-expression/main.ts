const pattern = /a+/;
console.log(pattern === undefined);
