const log: string[] = [];
function* g(): Generator<number> {
  try {
    yield 1;
    yield 2;
  } finally {
    log.push('closed');
  }
}
for (const x of g()) {
  log.push(String(x));
  break;
}
log.push('after');
console.log(log.join());
