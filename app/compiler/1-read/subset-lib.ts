/**
 * The standard library of the subset: the only globals a program may use. What is not declared here is a type error.
 * `firmware-src/subset.d.ts` is a copy of this text, so that editors and tsc judge as the compiler does; a test compares.
 * Order of parameters and names follow ECMAScript 2023; only what has the same meaning on boards is declared.
 */
export const SUBSET_LIB = `/// <reference no-default-lib="true"/>
// Copy of app/compiler/1-read/subset-lib.ts: the standard library of the TypeScript subset. Change it there.

interface SymbolConstructor {
  readonly iterator: unique symbol;
}
declare const Symbol: SymbolConstructor;

type PropertyKey = string | number | symbol;
type Partial<T> = { [P in keyof T]?: T[P] };
type Required<T> = { [P in keyof T]-?: T[P] };
type Readonly<T> = { readonly [P in keyof T]: T[P] };
type Pick<T, K extends keyof T> = { [P in K]: T[P] };
type Record<K extends keyof any, T> = { [P in K]: T };
type Exclude<T, U> = T extends U ? never : T;
type Extract<T, U> = T extends U ? T : never;
type Omit<T, K extends keyof any> = Pick<T, Exclude<keyof T, K>>;
type NonNullable<T> = T & {};
type ReturnType<T extends (...args: never) => unknown> = T extends (...args: never) => infer R
  ? R
  : never;
type Parameters<T extends (...args: never) => unknown> = T extends (...args: infer P) => unknown
  ? P
  : never;

interface Object {}
interface Function {}
interface CallableFunction extends Function {}
interface NewableFunction extends Function {}
interface IArguments {}
interface RegExp {}
interface Boolean {
  toString(): string;
}
interface BooleanConstructor {
  (value: boolean | null | undefined): boolean;
}
declare const Boolean: BooleanConstructor;

interface Number {
  toString(radix?: number): string;
  toFixed(fractionDigits?: number): string;
}
interface NumberConstructor {
  (value: string | number | boolean): number;
  readonly EPSILON: number;
  readonly NaN: number;
  readonly POSITIVE_INFINITY: number;
  readonly NEGATIVE_INFINITY: number;
  readonly MAX_SAFE_INTEGER: number;
  readonly MIN_SAFE_INTEGER: number;
  isInteger(value: unknown): boolean;
  isSafeInteger(value: unknown): boolean;
  isFinite(value: unknown): boolean;
  isNaN(value: unknown): boolean;
  parseInt(text: string, radix?: number): number;
  parseFloat(text: string): number;
}
declare const Number: NumberConstructor;
declare function parseInt(text: string, radix?: number): number;
declare function parseFloat(text: string): number;
declare function isNaN(value: number): boolean;
declare function isFinite(value: number): boolean;
declare const NaN: number;
declare const Infinity: number;

interface String {
  readonly length: number;
  readonly [index: number]: string;
  at(index: number): string | undefined;
  charAt(at: number): string;
  charCodeAt(at: number): number;
  codePointAt(at: number): number | undefined;
  concat(...texts: string[]): string;
  endsWith(text: string, end?: number): boolean;
  includes(text: string, from?: number): boolean;
  indexOf(text: string, from?: number): number;
  lastIndexOf(text: string, from?: number): number;
  padEnd(length: number, fill?: string): string;
  padStart(length: number, fill?: string): string;
  repeat(count: number): string;
  replace(from: string, to: string): string;
  replaceAll(from: string, to: string): string;
  slice(from?: number, to?: number): string;
  split(separator: string, limit?: number): string[];
  startsWith(text: string, at?: number): boolean;
  substring(from: number, to?: number): string;
  toLowerCase(): string;
  toString(): string;
  toUpperCase(): string;
  trim(): string;
  trimEnd(): string;
  trimStart(): string;
  [Symbol.iterator](): IterableIterator<string>;
}
interface StringConstructor {
  (value: unknown): string;
  fromCharCode(...codes: number[]): string;
  fromCodePoint(...codes: number[]): string;
}
declare const String: StringConstructor;

interface IteratorYieldResult<T> {
  done?: false;
  value: T;
}
interface IteratorReturnResult<T> {
  done: true;
  value: T;
}
type IteratorResult<T, TReturn = any> = IteratorYieldResult<T> | IteratorReturnResult<TReturn>;
interface Iterator<T, TReturn = any, TNext = any> {
  next(...args: [] | [TNext]): IteratorResult<T, TReturn>;
}
interface Iterable<T, TReturn = any, TNext = any> {
  [Symbol.iterator](): Iterator<T, TReturn, TNext>;
}
interface IterableIterator<T, TReturn = any, TNext = any> extends Iterator<T, TReturn, TNext> {
  [Symbol.iterator](): IterableIterator<T, TReturn, TNext>;
}
interface IteratorObject<T, TReturn = unknown, TNext = unknown> extends Iterator<
  T,
  TReturn,
  TNext
> {
  [Symbol.iterator](): IteratorObject<T, TReturn, TNext>;
}
interface Generator<T = unknown, TReturn = any, TNext = any> extends IteratorObject<
  T,
  TReturn,
  TNext
> {
  next(...args: [] | [TNext]): IteratorResult<T, TReturn>;
  [Symbol.iterator](): Generator<T, TReturn, TNext>;
}

interface ConcatArray<T> {
  readonly length: number;
  readonly [index: number]: T;
  slice(from?: number, to?: number): T[];
}
interface ReadonlyArray<T> {
  readonly length: number;
  readonly [index: number]: T;
  at(index: number): T | undefined;
  concat(...items: (T | ConcatArray<T>)[]): T[];
  entries(): IterableIterator<[number, T]>;
  every<S extends T>(
    test: (value: T, index: number, all: readonly T[]) => value is S,
  ): this is readonly S[];
  every(test: (value: T, index: number, all: readonly T[]) => boolean): boolean;
  filter<S extends T>(test: (value: T, index: number, all: readonly T[]) => value is S): S[];
  filter(test: (value: T, index: number, all: readonly T[]) => boolean): T[];
  find<S extends T>(
    test: (value: T, index: number, all: readonly T[]) => value is S,
  ): S | undefined;
  find(test: (value: T, index: number, all: readonly T[]) => boolean): T | undefined;
  findIndex(test: (value: T, index: number, all: readonly T[]) => boolean): number;
  findLast(test: (value: T, index: number, all: readonly T[]) => boolean): T | undefined;
  findLastIndex(test: (value: T, index: number, all: readonly T[]) => boolean): number;
  flat<U>(this: readonly (U | readonly U[])[]): U[];
  flatMap<U>(make: (value: T, index: number, all: readonly T[]) => U | readonly U[]): U[];
  forEach(take: (value: T, index: number, all: readonly T[]) => void): void;
  includes(value: T, from?: number): boolean;
  indexOf(value: T, from?: number): number;
  join(separator?: string): string;
  keys(): IterableIterator<number>;
  lastIndexOf(value: T, from?: number): number;
  map<U>(make: (value: T, index: number, all: readonly T[]) => U): U[];
  reduce(step: (sum: T, value: T, index: number, all: readonly T[]) => T): T;
  reduce<U>(step: (sum: U, value: T, index: number, all: readonly T[]) => U, start: U): U;
  reduceRight(step: (sum: T, value: T, index: number, all: readonly T[]) => T): T;
  reduceRight<U>(step: (sum: U, value: T, index: number, all: readonly T[]) => U, start: U): U;
  slice(from?: number, to?: number): T[];
  some(test: (value: T, index: number, all: readonly T[]) => boolean): boolean;
  toReversed(): T[];
  toSorted(compare?: (a: T, b: T) => number): T[];
  toString(): string;
  values(): IterableIterator<T>;
  with(at: number, value: T): T[];
  [Symbol.iterator](): IterableIterator<T>;
}
interface Array<T> {
  length: number;
  [index: number]: T;
  at(index: number): T | undefined;
  concat(...items: (T | ConcatArray<T>)[]): T[];
  entries(): IterableIterator<[number, T]>;
  copyWithin(to: number, from: number, end?: number): this;
  every<S extends T>(test: (value: T, index: number, all: T[]) => value is S): this is S[];
  every(test: (value: T, index: number, all: T[]) => boolean): boolean;
  fill(value: T, from?: number, to?: number): this;
  filter<S extends T>(test: (value: T, index: number, all: T[]) => value is S): S[];
  filter(test: (value: T, index: number, all: T[]) => boolean): T[];
  find<S extends T>(test: (value: T, index: number, all: T[]) => value is S): S | undefined;
  find(test: (value: T, index: number, all: T[]) => boolean): T | undefined;
  findIndex(test: (value: T, index: number, all: T[]) => boolean): number;
  findLast(test: (value: T, index: number, all: T[]) => boolean): T | undefined;
  findLastIndex(test: (value: T, index: number, all: T[]) => boolean): number;
  flat<U>(this: readonly (U | readonly U[])[]): U[];
  flatMap<U>(make: (value: T, index: number, all: T[]) => U | readonly U[]): U[];
  forEach(take: (value: T, index: number, all: T[]) => void): void;
  includes(value: T, from?: number): boolean;
  indexOf(value: T, from?: number): number;
  join(separator?: string): string;
  keys(): IterableIterator<number>;
  lastIndexOf(value: T, from?: number): number;
  map<U>(make: (value: T, index: number, all: T[]) => U): U[];
  pop(): T | undefined;
  push(...items: T[]): number;
  reduce(step: (sum: T, value: T, index: number, all: T[]) => T): T;
  reduce<U>(step: (sum: U, value: T, index: number, all: T[]) => U, start: U): U;
  reverse(): T[];
  shift(): T | undefined;
  reduceRight(step: (sum: T, value: T, index: number, all: T[]) => T): T;
  reduceRight<U>(step: (sum: U, value: T, index: number, all: T[]) => U, start: U): U;
  slice(from?: number, to?: number): T[];
  some(test: (value: T, index: number, all: T[]) => boolean): boolean;
  sort(compare?: (a: T, b: T) => number): this;
  splice(at: number, count?: number, ...items: T[]): T[];
  unshift(...items: T[]): number;
  toReversed(): T[];
  toSorted(compare?: (a: T, b: T) => number): T[];
  toString(): string;
  values(): IterableIterator<T>;
  with(at: number, value: T): T[];
  [Symbol.iterator](): IterableIterator<T>;
}
interface ArrayLike<T> {
  readonly length: number;
  readonly [index: number]: T;
}
interface ArrayConstructor {
  new <T>(length?: number): T[];
  from<T>(items: Iterable<T>): T[];
  from<T, U>(items: Iterable<T>, make: (value: T, index: number) => U): U[];
  from<U>(items: { length: number }, make: (value: undefined, index: number) => U): U[];
  isArray(value: unknown): value is unknown[];
  of<T>(...items: T[]): T[];
}
declare const Array: ArrayConstructor;

interface ReadonlyMap<K, V> {
  readonly size: number;
  entries(): IterableIterator<[K, V]>;
  forEach(take: (value: V, key: K) => void): void;
  get(key: K): V | undefined;
  has(key: K): boolean;
  keys(): IterableIterator<K>;
  values(): IterableIterator<V>;
  [Symbol.iterator](): IterableIterator<[K, V]>;
}
interface Map<K, V> extends ReadonlyMap<K, V> {
  clear(): void;
  delete(key: K): boolean;
  set(key: K, value: V): this;
}
interface MapConstructor {
  new <K, V>(entries?: Iterable<readonly [K, V]> | null): Map<K, V>;
}
declare const Map: MapConstructor;

interface ReadonlySet<T> {
  readonly size: number;
  entries(): IterableIterator<[T, T]>;
  forEach(take: (value: T, key: T) => void): void;
  has(value: T): boolean;
  keys(): IterableIterator<T>;
  values(): IterableIterator<T>;
  [Symbol.iterator](): IterableIterator<T>;
}
interface Set<T> extends ReadonlySet<T> {
  add(value: T): this;
  clear(): void;
  delete(value: T): boolean;
}
interface SetConstructor {
  new <T>(items?: Iterable<T> | null): Set<T>;
}
declare const Set: SetConstructor;

interface ArrayBuffer {
  readonly byteLength: number;
}
interface ArrayBufferConstructor {
  new (length: number): ArrayBuffer;
}
declare const ArrayBuffer: ArrayBufferConstructor;
interface Uint8Array {
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  readonly byteOffset: number;
  readonly length: number;
  [index: number]: number;
  at(index: number): number | undefined;
  copyWithin(to: number, from: number, end?: number): this;
  entries(): IterableIterator<[number, number]>;
  every(test: (value: number, index: number, all: Uint8Array) => boolean): boolean;
  fill(value: number, from?: number, to?: number): this;
  filter(test: (value: number, index: number, all: Uint8Array) => boolean): Uint8Array;
  find(test: (value: number, index: number, all: Uint8Array) => boolean): number | undefined;
  findIndex(test: (value: number, index: number, all: Uint8Array) => boolean): number;
  findLast(test: (value: number, index: number, all: Uint8Array) => boolean): number | undefined;
  findLastIndex(test: (value: number, index: number, all: Uint8Array) => boolean): number;
  forEach(take: (value: number, index: number, all: Uint8Array) => void): void;
  includes(value: number, from?: number): boolean;
  indexOf(value: number, from?: number): number;
  join(separator?: string): string;
  keys(): IterableIterator<number>;
  lastIndexOf(value: number, from?: number): number;
  map(make: (value: number, index: number, all: Uint8Array) => number): Uint8Array;
  reduce(step: (sum: number, value: number, index: number, all: Uint8Array) => number): number;
  reduce<U>(step: (sum: U, value: number, index: number, all: Uint8Array) => U, start: U): U;
  reverse(): this;
  set(source: ArrayLike<number>, at?: number): void;
  slice(from?: number, to?: number): Uint8Array;
  some(test: (value: number, index: number, all: Uint8Array) => boolean): boolean;
  sort(compare?: (a: number, b: number) => number): this;
  subarray(from?: number, to?: number): Uint8Array;
  toString(): string;
  values(): IterableIterator<number>;
  [Symbol.iterator](): IterableIterator<number>;
}
interface Uint8ArrayConstructor {
  new (length?: number): Uint8Array;
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): Uint8Array;
  new (bytes: ArrayLike<number> | Iterable<number>): Uint8Array;
  from(bytes: ArrayLike<number> | Iterable<number>): Uint8Array;
  from<T>(items: ArrayLike<T> | Iterable<T>, make: (value: T, index: number) => number): Uint8Array;
  of(...bytes: number[]): Uint8Array;
}
declare const Uint8Array: Uint8ArrayConstructor;

interface DataView {
  readonly buffer: ArrayBuffer;
  readonly byteLength: number;
  getInt8(at: number): number;
  getUint8(at: number): number;
  getInt16(at: number, littleEndian?: boolean): number;
  getUint16(at: number, littleEndian?: boolean): number;
  getInt32(at: number, littleEndian?: boolean): number;
  getUint32(at: number, littleEndian?: boolean): number;
  setInt8(at: number, value: number): void;
  setUint8(at: number, value: number): void;
  setInt16(at: number, value: number, littleEndian?: boolean): void;
  setUint16(at: number, value: number, littleEndian?: boolean): void;
  setInt32(at: number, value: number, littleEndian?: boolean): void;
  setUint32(at: number, value: number, littleEndian?: boolean): void;
}
interface DataViewConstructor {
  new (buffer: ArrayBuffer, byteOffset?: number, byteLength?: number): DataView;
}
declare const DataView: DataViewConstructor;

/** Only as \`new TextEncoder().encode(text)\`. */
interface TextEncoder {
  encode(text: string): Uint8Array;
}
interface TextEncoderConstructor {
  new (): TextEncoder;
}
declare const TextEncoder: TextEncoderConstructor;

interface Math {
  readonly PI: number;
  abs(x: number): number;
  ceil(x: number): number;
  clz32(x: number): number;
  floor(x: number): number;
  imul(a: number, b: number): number;
  log2(x: number): number;
  log10(x: number): number;
  log(x: number): number;
  max(...values: number[]): number;
  min(...values: number[]): number;
  pow(base: number, exponent: number): number;
  round(x: number): number;
  sign(x: number): number;
  sqrt(x: number): number;
  trunc(x: number): number;
}
declare const Math: Math;

interface JSON {
  parse(text: string): unknown;
  stringify(value: unknown, replacer?: null, indent?: number): string;
}
declare const JSON: JSON;

interface ObjectConstructor {
  keys(of: object): string[];
  values<T>(of: { [key: string]: T }): T[];
  entries<T>(of: { [key: string]: T }): [string, T][];
  assign<T extends object, U>(target: T, source: U): T & U;
  assign<T extends object, U, V>(target: T, source: U, other: V): T & U & V;
  freeze<T>(of: T): Readonly<T>;
  fromEntries<T>(entries: Iterable<readonly [string, T]>): { [key: string]: T };
  hasOwn(of: object, key: string): boolean;
}
declare const Object: ObjectConstructor;

interface Error {
  name: string;
  message: string;
  cause?: unknown;
  toString(): string;
}
interface ErrorOptions {
  cause?: unknown;
}
interface ErrorConstructor {
  new (message?: string, options?: ErrorOptions): Error;
}
declare const Error: ErrorConstructor;
interface RangeError extends Error {}
interface RangeErrorConstructor {
  new (message?: string, options?: ErrorOptions): RangeError;
}
declare const RangeError: RangeErrorConstructor;
interface SyntaxError extends Error {}
interface SyntaxErrorConstructor {
  new (message?: string, options?: ErrorOptions): SyntaxError;
}
declare const SyntaxError: SyntaxErrorConstructor;
interface TypeError extends Error {}
interface TypeErrorConstructor {
  new (message?: string, options?: ErrorOptions): TypeError;
}
declare const TypeError: TypeErrorConstructor;

interface TemplateStringsArray extends ReadonlyArray<string> {
  readonly raw: readonly string[];
}

interface Console {
  log(...values: (string | number | boolean)[]): void;
}
declare const console: Console;
`;
