import {
  ANY,
  BYTE,
  FRACTION,
  INT32,
  isNothing,
  LENGTH,
  LIMIT,
  make,
  NOTHING,
  type Range,
} from './range.ts';

const BOUNDS: Record<string, Range> = {
  Int8: { lo: -128, hi: 127, whole: true },
  Uint8: BYTE,
  Int16: { lo: -32768, hi: 32767, whole: true },
  Uint16: { lo: 0, hi: 65535, whole: true },
  Int32: INT32,
  Uint32: { lo: 0, hi: 2 ** 32 - 1, whole: true },
};

/**
 * Bounds of what a function of the library gives back, by those of its arguments; undefined where only its type tells.
 * `quotient`: of a division that is the first argument, as a whole number.
 */
export function libraryRange(
  name: string,
  args: readonly Range[],
  quotient: Range | undefined,
): Range | undefined {
  if (args.some(isNothing)) return NOTHING;
  const first = args[0] ?? ANY;
  const bounds = BOUNDS[name.slice(3)];
  if (name.startsWith('get') && bounds !== undefined) return bounds;
  switch (name) {
    case 'floor':
    case 'ceil':
    case 'trunc':
    case 'round':
      return quotient ?? make(first.lo, first.hi);
    case 'abs':
      return make(
        first.lo > 0 ? first.lo : first.hi < 0 ? -first.hi : 0,
        Math.max(Math.abs(first.lo), Math.abs(first.hi)),
        first.whole,
      );
    case 'min':
      return make(
        Math.min(...args.map((range) => range.lo)),
        Math.min(...args.map((range) => range.hi)),
        args.every((range) => range.whole),
      );
    case 'max':
      return make(
        Math.max(...args.map((range) => range.lo)),
        Math.max(...args.map((range) => range.hi)),
        args.every((range) => range.whole),
      );
    case 'imul':
      return INT32;
    case 'clz32':
      return make(0, 32);
    case 'sign':
      return make(-1, 1);
    case 'charCodeAt':
      return make(0, 0xffff);
    case 'codePointAt':
      return make(0, 0x10ffff);
    case 'indexOf':
    case 'findIndex':
    case 'lastIndexOf':
    case 'findLastIndex':
      return make(-1, LENGTH.hi);
    case 'push':
    case 'unshift':
      return LENGTH;
    case 'sqrt':
    case 'log':
    case 'log2':
    case 'log10':
    case 'parseFloat':
      return FRACTION;
    case 'pow':
      return make(-LIMIT, LIMIT, args.every((range) => range.whole) && (args[1]?.lo ?? -1) >= 0);
    default:
      return undefined;
  }
}
