function one(): number {
  return 1;
}
const two = 2;
class Three {
  value = 3;
}
export { one, two as zwei, Three };
