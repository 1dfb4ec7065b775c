/**
 * The one error that readers and writers of images throw on purpose.
 * `message` says what was expected, what came and where, and is fit to be shown to a person.
 */
export type ImageErrorCode =
  | 'partition-table-invalid'
  | 'esp-image-invalid'
  | 'nvs-invalid'
  | 'nvs-full'
  | 'littlefs-invalid'
  | 'littlefs-full'
  | 'value-invalid'
  | 'layout-invalid';

export class ImageError extends Error {
  readonly code: ImageErrorCode;

  constructor(code: ImageErrorCode, message: string) {
    super(message);
    this.name = 'ImageError';
    this.code = code;
  }
}

/** Hexadecimal with the 0x in front, as addresses are written everywhere in this project. */
export function hex(value: number): string {
  return `0x${value.toString(16).toUpperCase()}`;
}
