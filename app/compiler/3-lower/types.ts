import * as ts from 'typescript';
import { isLibDeclaration } from '../2-check/library.ts';

/** Questions about TypeScript types that decide which Python an operator becomes. */
const F = ts.TypeFlags;

export const parts = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type]);

const NULLISH = F.Null | F.Undefined | F.Void;

export const isNullish = (type: ts.Type): boolean => (type.flags & NULLISH) !== 0;

export function withoutNullish(type: ts.Type): readonly ts.Type[] {
  return parts(type).filter((part) => !isNullish(part));
}

const resolve = (type: ts.Type, checker: ts.TypeChecker): ts.Type =>
  (type.flags & F.Instantiable) !== 0 ? (checker.getBaseConstraintOfType(type) ?? type) : type;

function every(type: ts.Type, checker: ts.TypeChecker, flags: number): boolean {
  const all = withoutNullish(resolve(type, checker)).flatMap((part) =>
    parts(resolve(part, checker)),
  );
  return all.length > 0 && all.every((part) => (part.flags & flags) !== 0);
}

export const isNumber = (type: ts.Type, checker: ts.TypeChecker): boolean =>
  every(type, checker, F.NumberLike);
export const isString = (type: ts.Type, checker: ts.TypeChecker): boolean =>
  every(type, checker, F.StringLike);
export const isBoolean = (type: ts.Type, checker: ts.TypeChecker): boolean =>
  every(type, checker, F.BooleanLike);

/** Every possible value is a string, number, boolean, null or undefined. */
export function isPrimitive(type: ts.Type, checker: ts.TypeChecker): boolean {
  return parts(resolve(type, checker)).every(
    (part) =>
      isNullish(part) ||
      (resolve(part, checker).flags & (F.NumberLike | F.StringLike | F.BooleanLike)) !== 0,
  );
}

/** Every possible value is an object (or nullish). */
export function isObject(type: ts.Type, checker: ts.TypeChecker): boolean {
  return parts(resolve(type, checker)).every(
    (part) => isNullish(part) || (resolve(part, checker).flags & (F.Object | F.NonPrimitive)) !== 0,
  );
}

export const canBeNullish = (type: ts.Type): boolean =>
  parts(type).some((part) => (part.flags & (NULLISH | F.Unknown | F.TypeParameter)) !== 0);

/** Name of the library type all non-nullish parts belong to: 'Array', 'Map', 'Uint8Array'... */
export function libName(type: ts.Type, checker: ts.TypeChecker): string | undefined {
  let found: string | undefined;
  for (const part of withoutNullish(resolve(type, checker))) {
    let own: string | undefined;
    if ((part.flags & F.StringLike) !== 0) own = 'String';
    else if ((part.flags & F.NumberLike) !== 0) own = 'Number';
    else if ((part.flags & F.BooleanLike) !== 0) own = 'Boolean';
    else if (checker.isTupleType(part)) own = 'Array';
    else {
      const declaration = part.symbol?.declarations?.[0];
      if (declaration !== undefined && isLibDeclaration(declaration)) own = part.symbol.name;
    }
    own = own?.replace(/^Readonly/, '');
    if (own === undefined || (found !== undefined && found !== own)) return undefined;
    found = own;
  }
  return found;
}

/** One of the values that it may have belongs to the library type. */
export const mayBeLibrary = (type: ts.Type, library: string, checker: ts.TypeChecker): boolean =>
  parts(type).some((part) => libName(part, checker) === library);

export const isArray = (type: ts.Type, checker: ts.TypeChecker): boolean =>
  libName(type, checker) === 'Array';
export const isBytes = (type: ts.Type, checker: ts.TypeChecker): boolean =>
  libName(type, checker) === 'Uint8Array';

/** A record: an object type with an index signature for text keys and no declaration of its own members. */
export function isRecord(type: ts.Type, checker: ts.TypeChecker): boolean {
  const all = withoutNullish(resolve(type, checker));
  return (
    all.length > 0 &&
    all.every((part) => checker.getIndexTypeOfType(part, ts.IndexKind.String) !== undefined)
  );
}
