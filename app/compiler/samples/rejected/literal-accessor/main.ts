const box = {
  get value(): number {
    return 1;
  },
};
console.log(box.value);
