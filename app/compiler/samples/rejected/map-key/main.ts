const names = new Map<Uint8Array, string>();
console.log(names.size);
