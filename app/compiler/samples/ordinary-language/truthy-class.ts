class Node_ {
  constructor(v: number, next: Node_ | null) {
    this.v = v;
    this.next = next;
  }
  v: number;
  next: Node_ | null;
}
let list: Node_ | null = null;
for (const x of [1, 2, 3]) list = new Node_(x, list);
let text = '';
for (let n = list; n; n = n.next) text += n.v;
console.log(text);
let cb: (() => void) | undefined;
if (cb) console.log('set');
cb = () => console.log('called');
if (cb) cb();
