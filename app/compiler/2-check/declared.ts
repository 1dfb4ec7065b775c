import * as ts from 'typescript';

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
export function isDeclaredPlain(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const name = ts.isPropertyAccessExpression(node) ? node.name : node;
  const found = ts.isMemberName(name) ? checker.getSymbolAtLocation(name) : undefined;
  if (found === undefined) return false;
  const isAlias = (found.flags & ts.SymbolFlags.Alias) !== 0;
  const type = checker.getTypeOfSymbol(isAlias ? checker.getAliasedSymbol(found) : found);
  return (type.isUnion() ? type.types : [type]).every((part) => (part.flags & PLAIN) !== 0);
}
