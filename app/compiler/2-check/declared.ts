import * as ts from 'typescript';
import type { Facts } from './facts.ts';

const PLAIN =
  ts.TypeFlags.NumberLike |
  ts.TypeFlags.StringLike |
  ts.TypeFlags.BooleanLike |
  ts.TypeFlags.Null |
  ts.TypeFlags.Undefined;

/**
 * A variable or member that is declared as a number, text or boolean: whatever is found out on the way to a place, no object
 * is there. The declaration's type is known; TypeScript finds that of a place anew, from all that leads to it. To be asked
 * where a file is looked through: in a rebuild, what is remembered of the places of others costs less than their declarations.
 */
export function isDeclaredPlain(node: ts.Expression, facts: Facts): boolean {
  const symbol = ts.isIdentifier(node)
    ? facts.symbolOf(node)
    : ts.isPropertyAccessExpression(node)
      ? facts.checker.getSymbolAtLocation(node.name)
      : undefined;
  if (symbol === undefined) return false;
  const type = facts.checker.getTypeOfSymbol(symbol);
  return (type.isUnion() ? type.types : [type]).every((part) => (part.flags & PLAIN) !== 0);
}
