/**
 * Every reason to refuse a program: what it says, and the way out. Codes are words and are never renamed;
 * samples/rejected/<code>/ holds a program for each, with the place where it must be reported.
 */
interface Entry {
  says: (what: string) => string;
  fix: string;
}

export const DIAGNOSTICS = {
  'syntax-error': { says: (what) => what, fix: 'Correct the syntax.' },
  'type-error': {
    says: (what) => what,
    fix: 'Correct the types. What the subset’s library (subset.d.ts) or the ambient files do not declare does not exist on boards.',
  },
  internal: {
    says: (what) => `The compiler failed on this construct: ${what}.`,
    fix: 'This is a fault of the compiler. Write the construct in another way and report it.',
  },
  'missing-entry': {
    says: (what) => `There is no file ${what} among the sources.`,
    fix: 'Name an entry that is among the files, relative to the source folder.',
  },
  'python-error': {
    says: (what) => `The MicroPython compiler refused the generated module: ${what}.`,
    fix: 'A loop or a branch is too long (its jumps reach 16 KB) or the module too large: split it. If neither, report it.',
  },
  'unsupported-syntax': {
    says: (what) => `${what} is not in the subset.`,
    fix: 'Use a construct of the table in app/compiler/README.md.',
  },
  'lazy-part': {
    says: (what) => `${what}.`,
    fix: 'Call functions that the file named in LAZY_PARTS exports; keep what lasts in the program that calls them.',
  },
  'import-cycle': {
    says: (what) => `These modules import each other: ${what}.`,
    fix: 'Move what both need into a third module, or import types only (import type).',
  },
  'import-outside': {
    says: (what) => `An application imports ${what}, which is not its own.`,
    fix: 'Import its own files by relative path, the node’s interface from "meshwright", the runtime’s modules by their names.',
  },
  'module-name': {
    says: (what) => what,
    fix: 'Rename the file: path parts are joined by _ and must not repeat or hide a module of the runtime.',
  },
  'import-form': {
    says: (what) => `${what} is not in the subset.`,
    fix: 'Use named imports and exports: import { name } from "./file.ts".',
  },
  'exported-let': {
    says: (what) =>
      `${what} is exported and assigned to; importers on a board would keep the old value.`,
    fix: 'Export a function that returns it, or an object that holds it.',
  },
  any: {
    says: (what) => `${what} has type any, so nothing about it can be checked.`,
    fix: 'Declare its type; use unknown and narrow it.',
  },
  eval: {
    says: () => 'eval and Function compile text at run time; boards carry no compiler for it.',
    fix: 'Write a function.',
  },
  'for-in': {
    says: () => 'for…in walks inherited keys and array indexes as text.',
    fix: 'Use for…of Object.keys(x), or for…of over the array.',
  },
  prototype: {
    says: (what) => `${what} reaches a prototype; Python classes have none.`,
    fix: 'Use a class with methods and extends.',
  },
  decorator: { says: () => 'Decorators are not in the subset.', fix: 'Call a function instead.' },
  enum: {
    says: () => 'enum and namespace are not erasable types.',
    fix: 'Use a union of literals, or an object literal with as const; use modules for namespaces.',
  },
  'regular-expression': {
    says: () => 'Regular expressions differ too much between the engines.',
    fix: 'Use indexOf, startsWith, split or charCodeAt.',
  },
  symbol: { says: () => 'Symbol has no counterpart on boards.', fix: 'Use a string key or a Map.' },
  'literal-accessor': {
    says: () => 'Getters and setters in an object literal are not in the subset.',
    fix: 'Use a class with the accessor, or a method.',
  },
  arguments: {
    says: () => 'arguments is not in the subset.',
    fix: 'Declare a rest parameter (...values).',
  },
  delete: {
    says: () => 'delete works on records with a key only.',
    fix: 'Use a Map, or a Record<string, T> with delete record[key].',
  },
  'sparse-array': {
    says: () => 'An array with holes has no counterpart on boards.',
    fix: 'Write every element, or new Array<T>(n).fill(value).',
  },
  'loose-equality': {
    says: (what) => `${what} converts its operands before it compares.`,
    fix: 'Use === or !==.',
  },
  truthiness: {
    says: (what) =>
      `A condition of type ${what} is judged differently on boards (empty array, empty text, NaN).`,
    fix: 'Compare explicitly: !== undefined, !== null, .length > 0, !== 0, !== "".',
  },
  async: {
    says: () => 'Async functions and promises are not in the subset.',
    fix: 'Take the time as an argument and return what to do next (see firmware-src/README.md).',
  },
  bigint: { says: () => 'bigint is not in the subset.', fix: 'Use numbers within ±2^53.' },
  'number-too-large': {
    says: (what) => `${what} is beyond ±(2^53 - 1), where JavaScript loses whole numbers.`,
    fix: 'Split it into two numbers or use bytes.',
  },
  'float-bytes': {
    says: () => 'A number that may have a fraction becomes a byte; boards round it differently.',
    fix: 'Round it first (Math.round, Math.trunc), or keep to whole numbers (fixed point).',
  },
  'float-json': {
    says: (what) => `${what} may have a fraction, which JSON text shows differently on boards.`,
    fix: 'Round it first (Math.round, Math.trunc), or send it as text made by toFixed().',
  },
  'index-range': {
    says: (what) => `${what} reads a place that is not there.`,
    fix: 'Use a whole index from 0 to length - 1, or at(-1) for the last element.',
  },
  'division-by-zero': {
    says: (what) => `${what} divides by zero.`,
    fix: 'Handle the zero before the division.',
  },
  'float-text': {
    says: () => 'A number that may have a fraction prints differently on boards (32-bit floats).',
    fix: 'Round it first (Math.round, Math.trunc), or use toFixed().',
  },
  'value-as-text': {
    says: (what) => `A value of type ${what} has no text that is the same everywhere.`,
    fix: 'Turn it into text yourself (JSON.stringify, join, or a branch for null and undefined).',
  },
  'null-or-undefined': {
    says: () => 'null and undefined are one value on boards; this tells them apart.',
    fix: 'Use only one of the two in this type.',
  },
  'method-value': {
    says: (what) => `The method ${what} is used without being called; it would lose its object.`,
    fix: 'Wrap it: (…values) => object.method(…values).',
  },
  'function-this': {
    says: () => 'this outside of a class belongs to the caller.',
    fix: 'Use an arrow function, or pass the object as an argument.',
  },
  'mixed-layout': {
    says: (what) => `${what} may be a member of a class instance or of a plain object here.`,
    fix: 'Let the plain object be a class too, or narrow the type before the access.',
  },
  'fall-through': {
    says: () => 'This case runs on into the next one.',
    fix: 'End it with break, return, continue or throw; only empty cases may share a body.',
  },
  'captured-loop-variable': {
    says: (what) =>
      `${what} belongs to one round of a loop, and a class made in that round captures it.`,
    fix: 'Move the class out of the loop and give the value to its constructor.',
  },
  'throw-value': {
    says: (what) => `A value of type ${what} is thrown.`,
    fix: 'Throw an Error or a class that extends it.',
  },
  'astral-text': {
    says: () => 'Text beyond U+FFFF counts two units in JavaScript and one on boards.',
    fix: 'Keep such text out of the program, or handle it as UTF-8 bytes.',
  },
  'unsupported-member': {
    says: (what) => `${what} is not in the subset in this form.`,
    fix: 'Use another form; app/compiler/README.md lists the methods.',
  },
  'unsupported-global': {
    says: (what) => `${what} is not in the subset.`,
    fix: 'Take clocks, random numbers and timers as arguments; use the ambient modules in drivers.',
  },
  'sort-order': {
    says: () => 'sort() without a comparison sorts numbers and objects by their text.',
    fix: 'Give a comparison: sort((a, b) => a - b).',
  },
  'map-key': {
    says: (what) => `Keys of type ${what} cannot be looked up by identity on boards.`,
    fix: 'Use a string, a number or a class instance as the key (bytesToHex for bytes).',
  },
  keywords: {
    says: () => 'A Keywords<T> argument becomes Python keyword arguments.',
    fix: 'Write the object literal in the call, with plain names.',
  },
  'finally-jump': {
    says: (what) => `${what} inside finally would discard an error.`,
    fix: 'Leave the function after the try statement.',
  },
  'json-undefined': {
    says: (what) => `${what} may be undefined: JSON.stringify leaves it out, a board writes null.`,
    fix: 'Leave the property out when there is no value, or use null.',
  },
} as const satisfies Record<string, Entry>;

export type DiagnosticCode = keyof typeof DIAGNOSTICS;

export interface Diagnostic {
  code: DiagnosticCode;
  severity: 'error';
  /** As given to compile(). */
  file: string;
  /** 1-based. */
  line: number;
  /** 1-based. */
  column: number;
  message: string;
  remedy: string;
}

export function diagnostic(
  code: DiagnosticCode,
  what: string,
  place: { file: string; line: number; column: number },
): Diagnostic {
  const entry: Entry = DIAGNOSTICS[code];
  return { code, severity: 'error', ...place, message: entry.says(what), remedy: entry.fix };
}
