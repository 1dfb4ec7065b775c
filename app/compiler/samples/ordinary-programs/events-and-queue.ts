type Handler<T> = (value: T) => void;
class Emitter<T> {
  private readonly handlers = new Map<string, Handler<T>[]>();
  on(name: string, handler: Handler<T>): () => void {
    const list = this.handlers.get(name) ?? [];
    list.push(handler);
    this.handlers.set(name, list);
    return () => {
      const at = list.indexOf(handler);
      if (at >= 0) list.splice(at, 1);
    };
  }
  emit(name: string, value: T): number {
    const list = this.handlers.get(name);
    if (list === undefined) return 0;
    for (const handler of [...list]) handler(value);
    return list.length;
  }
}
const emitter = new Emitter<number>();
const log: string[] = [];
const off = emitter.on('x', (n) => log.push(`a${n}`));
emitter.on('x', (n) => {
  log.push(`b${n}`);
});
console.log(emitter.emit('x', 1), emitter.emit('y', 2));
off();
console.log(emitter.emit('x', 3), log.join(' '));
