const text: string = 5;
console.log(text);
