class Box {
  value = 1;
  read(): number {
    return this.value;
  }
}
const read = new Box().read;
console.log(read === undefined);
