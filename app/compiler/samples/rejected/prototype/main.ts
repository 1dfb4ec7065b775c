class A {
  prototype = 1;
}
console.log(new A().prototype);
