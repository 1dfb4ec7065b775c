declare enum Color {
  red,
}
const color: Color | undefined = undefined;
console.log(color === undefined);
