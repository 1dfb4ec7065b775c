/** Reads fields of parsed JSON; what is wrong is said with the path of the field, never with its value. */
import { fromBase64Url } from '../base/bytes.ts';
import { FleetError } from './fleet-error.ts';
import type { JsonObject } from './upgrade.ts';

export function parseObject(text: string, what: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // The parser's own message quotes the text, which may hold keys.
    throw new FleetError('file-invalid', `${what} is not JSON.`);
  }
  return asObject(value, what);
}

export function asObject(value: unknown, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new FleetError('file-invalid', `${what} is not an object.`);
  }
  return value as JsonObject;
}

export class FieldReader {
  readonly #fields: JsonObject;
  readonly #what: string;

  /** @param what names the object in messages, as in "The network file" */
  constructor(fields: JsonObject, what: string) {
    this.#fields = fields;
    this.#what = what;
  }

  text(name: string): string {
    const value = this.#own(name);
    return typeof value === 'string' ? value : this.#wrong(name, 'text');
  }

  textOrNull(name: string): string | null {
    return this.#isNull(name) ? null : this.text(name);
  }

  integer(name: string, least: number, most: number): number {
    const value = this.#own(name);
    const fits =
      typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
    return fits ? value : this.#wrong(name, `a whole number from ${least} to ${most}`);
  }

  boolean(name: string): boolean {
    const value = this.#own(name);
    return typeof value === 'boolean' ? value : this.#wrong(name, 'true or false');
  }

  texts(name: string): string[] {
    const value = this.#own(name);
    const fits = Array.isArray(value) && value.every((each) => typeof each === 'string');
    return fits ? (value as string[]) : this.#wrong(name, 'a list of texts');
  }

  timeMs(name: string): number {
    return this.integer(name, 0, Number.MAX_SAFE_INTEGER);
  }

  timeMsOrNull(name: string): number | null {
    return this.#isNull(name) ? null : this.timeMs(name);
  }

  oneOf<T extends string>(name: string, values: readonly T[]): T {
    const value = values.find((each) => each === this.#own(name));
    return value ?? this.#wrong(name, `one of ${values.join(', ')}`);
  }

  hex(name: string, sizeBytes: number): string {
    const value = this.text(name);
    const fits = value.length === 2 * sizeBytes && /^[0-9a-f]*$/.test(value);
    return fits ? value : this.#wrong(name, `${2 * sizeBytes} hex digits`);
  }

  /** Base64url of exactly `sizeBytes`, or of any size when it is null. */
  bytes(name: string, sizeBytes: number | null): Uint8Array<ArrayBuffer> {
    const words = sizeBytes === null ? 'base64url' : `${sizeBytes} bytes in base64url`;
    let value: Uint8Array<ArrayBuffer>;
    try {
      value = fromBase64Url(this.text(name));
    } catch {
      return this.#wrong(name, words);
    }
    return sizeBytes === null || value.length === sizeBytes ? value : this.#wrong(name, words);
  }

  object(name: string): FieldReader {
    const value = this.#own(name);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      return this.#wrong(name, 'an object');
    }
    return new FieldReader(value as JsonObject, `${this.#what}, "${name}"`);
  }

  objectOrNull(name: string): FieldReader | null {
    return this.#isNull(name) ? null : this.object(name);
  }

  list(name: string): FieldReader[] {
    const value = this.#own(name);
    if (!Array.isArray(value)) return this.#wrong(name, 'a list');
    return value.map((each: unknown, i) => {
      const what = `${this.#what}, "${name}" ${i + 1}`;
      return new FieldReader(asObject(each, what), what);
    });
  }

  #own(name: string): unknown {
    return Object.hasOwn(this.#fields, name) ? this.#fields[name] : undefined;
  }

  #isNull(name: string): boolean {
    return this.#own(name) === null || this.#own(name) === undefined;
  }

  #wrong(name: string, expected: string): never {
    const state = this.#own(name) === undefined ? 'is missing' : 'is wrong';
    throw new FleetError(
      'file-invalid',
      `${this.#what}: "${name}" ${state}; expected ${expected}.`,
    );
  }
}
