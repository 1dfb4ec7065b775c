/**
 * A .mpy file of version 6 taken apart and put together again: what mpy-cross of MicroPython 1.19 writes and every later
 * release reads.
 *
 *   'M' 6 flags bits | number of names | number of objects | names | objects | code of the module
 *   code:    length and kind | prelude | instructions | number of children | children
 *   prelude: stack and arguments | sizes | own name, argument names, line table | cells
 *
 * Numbers are big-endian groups of seven bits. Sources: MicroPython 1.19 py/persistentcode.c, py/bc.h, py/emitbc.c.
 */
export interface MpyFile {
  header: Uint8Array;
  /** A name as it stands in the table: the number of one that every board has built in, or its text. */
  names: Name[];
  objects: { count: number; bytes: Uint8Array };
  module: Code;
}

export type Name = { fixed: number } | { text: string };

export interface Code {
  /** Sizes of stack and arguments, as they are. */
  signature: Uint8Array;
  name: number;
  parameters: number[];
  lines: LineEntry[];
  cells: Uint8Array;
  instructions: Uint8Array;
  children: Code[];
}

/** After so many bytes of instructions the line grows by so many. */
export interface LineEntry {
  bytes: number;
  lines: number;
}

const BYTECODE = 0;
const HAS_CHILDREN = 4;
/** Kinds of constant objects: functions of C and the three singletons have no body. */
const LAST_BARE_OBJECT = 4;
const TUPLE = 10;
const TEXTS = new Set([5, 6]);

export class Reader {
  readonly bytes: Uint8Array;
  at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.bytes = bytes;
    this.at = at;
  }

  byte(): number {
    const byte = this.bytes[this.at++];
    if (byte === undefined) throw new Error('.mpy: it is cut short');
    return byte;
  }

  number(): number {
    let value = 0;
    for (;;) {
      const byte = this.byte();
      value = value * 128 + (byte & 127);
      if (byte < 128) return value;
    }
  }

  take(count: number): Uint8Array {
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }
}

/** How many bytes putNumber writes. */
export function numberSize(value: number): number {
  let size = 1;
  for (let left = value >> 7; left > 0; left >>= 7) size++;
  return size;
}

export function putNumber(out: number[], value: number): void {
  let shift = 0;
  while (value >> (shift + 7) > 0) shift += 7;
  for (; shift > 0; shift -= 7) out.push(((value >> shift) & 127) | 128);
  out.push(value & 127);
}

/** @throws Error when it is anything but plain bytecode of version 6 */
export function readMpy(bytes: Uint8Array): MpyFile {
  const reader = new Reader(bytes);
  const header = reader.take(4);
  if (header[0] !== 0x4d || header[1] !== 6) throw new Error('.mpy: not of version 6');
  const nameCount = reader.number();
  const objectCount = reader.number();
  const names: Name[] = [];
  for (let at = 0; at < nameCount; at++) {
    const size = reader.number();
    if ((size & 1) === 1) names.push({ fixed: size >> 1 });
    else {
      names.push({ text: new TextDecoder().decode(reader.take(size >> 1)) });
      reader.byte(); // the zero behind the text
    }
  }
  const from = reader.at;
  for (let at = 0; at < objectCount; at++) skipObject(reader);
  const objects = { count: objectCount, bytes: bytes.subarray(from, reader.at) };
  const module = readCode(reader);
  if (reader.at !== bytes.length) throw new Error('.mpy: bytes are left over');
  return { header, names, objects, module };
}

function skipObject(reader: Reader): void {
  const kind = reader.byte();
  if (kind <= LAST_BARE_OBJECT) return;
  const size = reader.number();
  if (kind === TUPLE) for (let at = 0; at < size; at++) skipObject(reader);
  else reader.take(size + (TEXTS.has(kind) ? 1 : 0));
}

function readCode(reader: Reader): Code {
  const head = reader.number();
  if ((head & 3) !== BYTECODE) throw new Error('.mpy: machine code');
  const end = reader.at + (head >> 3);
  const from = reader.at;
  const parameterCount = readSignature(reader);
  const signature = reader.bytes.subarray(from, reader.at);
  const { infoSize, cellCount } = readSizes(reader);
  const infoEnd = reader.at + infoSize;
  const name = reader.number();
  const parameters = Array.from({ length: parameterCount }, () => reader.number());
  const lines: LineEntry[] = [];
  while (reader.at < infoEnd) lines.push(readLine(reader));
  const cells = reader.take(cellCount);
  const instructions = reader.take(end - reader.at);
  const children: Code[] = [];
  if ((head & HAS_CHILDREN) !== 0) {
    for (let left = reader.number(); left > 0; left--) children.push(readCode(reader));
  }
  return { signature, name, parameters, lines, cells, instructions, children };
}

/** Bits xSSSSEAA, then xFSSKAED: A counts the parameters by place, K those by name only. */
function readSignature(reader: Reader): number {
  let byte = reader.byte();
  let count = byte & 3;
  for (let round = 0; byte >= 128; round++) {
    byte = reader.byte();
    count += ((byte & 4) << round) + (((byte & 8) >> 3) << round);
  }
  return count;
}

/** Bits xIIIIIIC: size of names and lines, number of cells. */
function readSizes(reader: Reader): { infoSize: number; cellCount: number } {
  let infoSize = 0;
  let cellCount = 0;
  for (let round = 0; ; round++) {
    const byte = reader.byte();
    infoSize |= ((byte & 0x7e) >> 1) << (6 * round);
    cellCount |= (byte & 1) << round;
    if (byte < 128) return { infoSize, cellCount };
  }
}

function readLine(reader: Reader): LineEntry {
  const byte = reader.byte();
  if (byte < 128) return { bytes: byte & 31, lines: byte >> 5 };
  return { bytes: byte & 15, lines: ((byte << 4) & 0x700) | reader.byte() };
}

export function writeMpy(file: MpyFile): Uint8Array {
  const out: number[] = [...file.header];
  putNumber(out, file.names.length);
  putNumber(out, file.objects.count);
  for (const name of file.names) {
    if ('fixed' in name) putNumber(out, (name.fixed << 1) | 1);
    else {
      const text = new TextEncoder().encode(name.text);
      putNumber(out, text.length << 1);
      for (const byte of text) out.push(byte);
      out.push(0);
    }
  }
  for (const byte of file.objects.bytes) out.push(byte);
  writeCode(file.module, out);
  return Uint8Array.from(out);
}

function writeCode(code: Code, out: number[]): void {
  const info: number[] = [];
  putNumber(info, code.name);
  for (const parameter of code.parameters) putNumber(info, parameter);
  for (const line of code.lines) writeLine(line, info);
  const body: number[] = [...code.signature];
  let infoSize = info.length;
  let cellCount = code.cells.length;
  do {
    const rest = infoSize >> 6 !== 0 || cellCount >> 1 !== 0;
    body.push(((infoSize & 63) << 1) | (cellCount & 1) | (rest ? 128 : 0));
    infoSize >>= 6;
    cellCount >>= 1;
  } while (infoSize !== 0 || cellCount !== 0);
  const pieces = [body, info, code.cells, code.instructions];
  const size = pieces.reduce((sum, piece) => sum + piece.length, 0);
  putNumber(out, (size << 3) | (code.children.length > 0 ? HAS_CHILDREN : 0) | BYTECODE);
  // One by one: a table of a user's may have more bytes than a call may have arguments.
  for (const piece of pieces) for (const byte of piece) out.push(byte);
  if (code.children.length === 0) return;
  putNumber(out, code.children.length);
  for (const child of code.children) writeCode(child, out);
}

function writeLine({ bytes, lines }: LineEntry, out: number[]): void {
  if (lines <= 3) out.push(bytes | (lines << 5));
  else out.push(128 | bytes | ((lines >> 4) & 0x70), lines & 255);
}
