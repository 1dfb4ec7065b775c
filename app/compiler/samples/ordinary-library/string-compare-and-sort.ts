const names = ['bob', 'Alice', 'carol', 'Bob', 'alice', 'Zed', '10', '9', ''];
console.log([...names].sort().join());
console.log([...names].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0)).join());
console.log([...names].sort((a, b) => b.length - a.length || (a < b ? -1 : 1)).join());
