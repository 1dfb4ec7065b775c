import { hasName, type Instruction } from './instructions.ts';
import { putNumber, type Code, type MpyFile } from './mpy-file.ts';

/** How many bytes of a .mpy each part of a program takes: its code, and its share of the names that it uses. */
export class Shares {
  private readonly file: MpyFile;
  private readonly partOf: (line: number) => number;
  private readonly bytes: number[] = [];
  private readonly users = new Map<number, Set<number>>();

  constructor(file: MpyFile, partOf: (line: number) => number) {
    this.file = file;
    this.partOf = partOf;
  }

  /**
   * A function, without those in it; of the module itself, and of what was put into a function, each instruction counts
   * for its own line's part.
   */
  add(code: Code, list: readonly Instruction[], places: readonly number[]): void {
    const own = this.partOf(list.find((one) => one.line > 1)?.line ?? 1);
    const isModule = code === this.file.module;
    if (!isModule) {
      const head: number[] = [];
      for (const name of [code.name, ...code.parameters]) putNumber(head, name);
      const lines = code.lines.reduce((sum, { lines: more }) => sum + (more <= 3 ? 1 : 2), 0);
      // Two bytes each for the length and for the sizes of the parts.
      this.give(own, 4 + code.signature.length + head.length + lines + code.cells.length);
      this.use(code.name, own);
    }
    list.forEach((one, at) => {
      // Some of another function's may have been put into this one.
      const part = isModule || one.calls !== undefined ? this.partOf(one.line) : own;
      const end = at + 1 < list.length ? places[at + 1]! : code.instructions.length;
      this.give(part, end - places[at]!);
      if (hasName(one.code)) this.use(one.operand, part);
    });
  }

  private give(part: number, bytes: number): void {
    this.bytes[part] = (this.bytes[part] ?? 0) + bytes;
  }

  private use(name: number, part: number): void {
    const known = this.users.get(name);
    if (known === undefined) this.users.set(name, new Set([part]));
    else known.add(part);
  }

  /** Bytes of each part: `total` in all. */
  divide(total: number): number[] {
    for (const [at, parts] of this.users) {
      const name = this.file.names[at]!;
      const size = 'fixed' in name ? 2 : name.text.length + 2;
      for (const part of parts) this.give(part, size / parts.size);
    }
    const counted = Array.from(this.bytes, (bytes: number | undefined) => bytes ?? 0);
    const sum = counted.reduce((all, bytes) => all + bytes, 0);
    let before = 0;
    let given = 0;
    return counted.map((bytes) => {
      before += bytes;
      const upTo = sum === 0 ? total : Math.round((before / sum) * total);
      const share = upTo - given;
      given = upTo;
      return share;
    });
  }
}
