const n: number = [1].length;
switch (n) {
  // @ts-expect-error: the checker refuses it too
  case 1:
    console.log('one');
  default:
    console.log('any');
}
