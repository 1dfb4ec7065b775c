function mark(target: unknown, context: unknown): void {
  console.log(target === context);
}
@mark
class A {}
console.log(new A() === undefined);
