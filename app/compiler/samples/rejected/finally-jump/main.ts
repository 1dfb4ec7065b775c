function f(): number {
  try {
    throw new Error('lost');
  } finally {
    return 1;
  }
}
console.log(f());
