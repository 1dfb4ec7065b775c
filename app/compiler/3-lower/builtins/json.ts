import * as ts from 'typescript';
import { isLibDeclaration } from '../../2-check/library.ts';
import type { Context } from '../context.ts';
import { parts } from '../types.ts';

/** The text of a part that may have a fraction, of a value about to become JSON; undefined when none is seen. */
export function fractionIn(node: ts.Expression, c: Context): string | undefined {
  if (c.tools.fractions.of(node)) return node.getText();
  if (ts.isObjectLiteralExpression(node)) {
    for (const property of node.properties) {
      if (!ts.isPropertyAssignment(property)) continue;
      const found = fractionIn(property.initializer, c);
      if (found !== undefined) return found;
    }
  }
  return fractionInType(c.type(node), c, new Set());
}

/** A member whose type takes undefined: JavaScript leaves it out, a board would write null. */
export function undefinedIn(
  type: ts.Type,
  c: Context,
  seen = new Set<ts.Type>(),
): string | undefined {
  if (seen.has(type)) return undefined;
  seen.add(type);
  if (type.isUnionOrIntersection()) {
    for (const part of type.types) {
      const found = undefinedIn(part, c, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  if ((type.flags & ts.TypeFlags.Object) === 0) return undefined;
  const element = c.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  if (element !== undefined) return undefinedIn(element, c, seen);
  for (const property of type.getProperties()) {
    const declaration = property.declarations?.[0];
    if (declaration === undefined || isLibDeclaration(declaration)) continue;
    const own = c.checker.getTypeOfSymbol(property);
    const declared =
      ts.isPropertySignature(declaration) || ts.isPropertyDeclaration(declaration)
        ? declaration.type
        : undefined;
    const takes =
      declared === undefined
        ? (property.flags & ts.SymbolFlags.Optional) === 0 &&
          parts(own).some((one) => (one.flags & ts.TypeFlags.Undefined) !== 0)
        : /\bundefined\b/.test(declared.getText());
    const found = takes ? property.name : undefinedIn(own, c, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}

function fractionInType(type: ts.Type, c: Context, seen: Set<ts.Type>): string | undefined {
  if (seen.has(type)) return undefined;
  seen.add(type);
  if (type.isUnionOrIntersection()) {
    for (const part of type.types) {
      const found = fractionInType(part, c, seen);
      if (found !== undefined) return found;
    }
    return undefined;
  }
  const element = c.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
  if ((type.flags & ts.TypeFlags.Object) === 0) return undefined;
  if (element !== undefined) return fractionInType(element, c, seen);
  for (const property of type.getProperties()) {
    const declaration = property.declarations?.[0];
    if (declaration !== undefined && isLibDeclaration(declaration)) continue;
    if (c.tools.fractions.holds(property)) return property.name;
    const found = fractionInType(c.checker.getTypeOfSymbol(property), c, seen);
    if (found !== undefined) return found;
  }
  return undefined;
}
