const Hidden = class {
  value = 1;
};
console.log(new Hidden().value);
