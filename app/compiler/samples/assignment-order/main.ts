const bytes = new Uint8Array(16);
const list = [3, 5, 7, 11];
const said: string[] = [];
function say(text: string, value: number): number {
  said.push(text);
  return value;
}

class Writer {
  at = 0;
  items: number[] = [0, 0, 0, 0, 0, 0];
  bytes = new Uint8Array(8);
  private readonly spare = new Uint8Array(8);
  next(): number {
    this.at += 2;
    return this.at;
  }
  swap(): number {
    this.bytes = this.spare;
    return 9;
  }
  get step(): number {
    return this.next();
  }
  put(): void {
    this.bytes[this.at + 1] = this.next();
    this.bytes[this.next() + 1] = this.at;
    this.items[this.at - 1] = this.next() * 10;
    this.at = 0;
    this.bytes[this.step] = this.at + 100;
    this.bytes[7] = this.swap();
    this.bytes[this.swap() - 4] = 1;
  }
}

function pick(n: number): number {
  return n === 12345 ? 3 : 9;
}
function fill(a: number): void {
  bytes[(pick(255) | Math.imul(1, list.push(a & 255))) & 7] = pick(list.push(a));
  bytes[list.length & 7] = list.pop() ?? 0;
  bytes[list.push(a) & 15] = list.length;
  bytes[list[0] ?? 0] = list.shift() ?? 0;
  bytes[say('index', 3)] = say('value', 4);
}

let counter = 1;
const bump = (): number => (counter += 1);
const table = new Map<string, number>([['k', 2]]);
function change(): number {
  table.set('k', 5);
  return 77;
}

const writer = new Writer();
writer.put();
console.log(writer.bytes.join(), writer.items.join(), writer.at);
fill(1);
fill(2);
console.log(bytes.join(), list.join(), said.join());
bytes[counter * 2] = bump();
bytes[bump() + 8] = counter;
bytes[(table.get('k') ?? 0) + 1] = change();
console.log(bytes.join(), counter);

const boxes = [{ value: 0 }, { value: 0 }];
function box(at: number): { value: number } {
  said.push(`box ${at}`);
  return boxes[at] ?? { value: 0 };
}
box(0).value = say('seven', 7);
box(1).value = box(0).value + 1;
console.log(boxes.map((one) => one.value).join(), said.join());

let cursor = 0;
const advance = (): number => {
  cursor += 1;
  return cursor;
};
const local = new Uint8Array(6);
const inside = (): void => {
  local[cursor + 1] = advance();
  local[cursor + 1] = advance();
  local[advance()] = cursor;
};
inside();
console.log(local.join(), cursor);
