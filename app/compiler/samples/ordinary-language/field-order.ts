const log: string[] = [];
function note(x: string): string {
  log.push(x);
  return x;
}
class A {
  a = note('A.a');
  constructor() {
    note('A()');
    this.hook();
  }
  hook(): void {
    note('A.hook');
  }
}
class B extends A {
  b = note('B.b');
  c?: number;
  constructor() {
    note('before');
    super();
    note('B()');
  }
  override hook(): void {
    note(`B.hook ${this.b === undefined}`);
  }
}
const b = new B();
console.log(log.join(' '), b.c === undefined, b.a, b.b);
