class Box {
  size = 1;
}
function sizeOf(item: Box | { size: number; plain: true }): number {
  return item.size;
}
console.log(sizeOf(new Box()));
