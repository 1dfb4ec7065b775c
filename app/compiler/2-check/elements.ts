import * as ts from 'typescript';

/**
 * Whether two lists may be the same one, by what their elements look like: a list of one type can go by another only where
 * the elements of one do for those of the other. Written as text, so that the answers of an earlier build's checker still
 * tell; rougher than TypeScript's own answer, and never a no where that is a yes.
 */
export type Element = string;

const OPEN = '*';
const DEPTH = 2;
/** What text, numbers and booleans have beside: an interface of these alone may stand for them. */
const OF_VALUES = new Set(
  [String, Number, Boolean].flatMap((one) => [
    ...Object.getOwnPropertyNames(one.prototype),
    ...Object.getOwnPropertyNames(Object.prototype),
  ]),
);

const known = new WeakMap<ts.Type, Element>();

/** `object with a, b, perhaps c` as `{a,b;a,b,c}`; unions have a line each. */
export function elementOf(type: ts.Type): Element {
  let text = known.get(type);
  if (text === undefined) {
    text = describe(type, 0);
    known.set(type, text);
  }
  return text;
}

function describe(type: ts.Type, depth: number): Element {
  const { flags } = type;
  const open = ts.TypeFlags.Instantiable | ts.TypeFlags.Unknown | ts.TypeFlags.Any;
  if ((flags & open) !== 0 || depth > DEPTH || hasParameter(type)) return OPEN;
  if (type.isUnion()) {
    const parts = new Set(type.types.flatMap((one) => describe(one, depth).split('\n')));
    return parts.has(OPEN) ? OPEN : [...parts].sort().join('\n');
  }
  if ((flags & ts.TypeFlags.NumberLike) !== 0) return 'number';
  if ((flags & ts.TypeFlags.StringLike) !== 0) return 'string';
  if ((flags & ts.TypeFlags.BooleanLike) !== 0) return 'boolean';
  if ((flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined | ts.TypeFlags.Void)) !== 0) return '-';
  const properties = type.getProperties();
  const isOptional = (one: ts.Symbol): boolean => (one.flags & ts.SymbolFlags.Optional) !== 0;
  const required = properties.filter((one) => !isOptional(one)).map((one) => one.name);
  return `{${required.sort().join()};${properties.map((one) => one.name).join()}}`;
}

const hasParameter = (type: ts.Type): boolean => {
  if ((type.flags & ts.TypeFlags.TypeParameter) !== 0) return true;
  if (type.isUnionOrIntersection()) return type.types.some(hasParameter);
  return ((type as ts.TypeReference).typeArguments ?? []).some(
    (one) => one !== (type as ts.TypeReference).target && hasParameter(one),
  );
};

const pairs = new Map<string, boolean>();

export function mayBeSame(a: Element, b: Element): boolean {
  if (a === b || a === OPEN || b === OPEN) return true;
  const pair = `${a}\n\n${b}`;
  let may = pairs.get(pair);
  if (may === undefined) {
    may = fits(a, b) || fits(b, a);
    pairs.set(pair, may);
  }
  return may;
}

const fits = (from: Element, to: Element): boolean =>
  from.split('\n').every((one) => to.split('\n').some((other) => partFits(one, other)));

function partFits(from: string, to: string): boolean {
  if (from === to) return true;
  if (from === '-' || !to.startsWith('{')) return false;
  const [required = ''] = to.slice(1, -1).split(';');
  const wanted = required === '' ? [] : required.split(',');
  const own = from.startsWith('{')
    ? new Set(from.slice(1, -1).split(';')[1]?.split(','))
    : OF_VALUES;
  return wanted.every((name) => own.has(name));
}
