import * as ts from 'typescript';
import { isDeclaredPlain } from './declared.ts';
import { isDeclarationName } from './facts.ts';
import { isLibDeclaration } from './library.ts';
import { mayBeWanted } from './wanted.ts';

/**
 * A Map that goes by as an Iterable: a walk of it there would walk the keys alone, because a board's Map is a dict and the
 * place that walks it does not know. The library's own functions know what they are given.
 */
export function isMapAsIterable(node: ts.Expression, checker: ts.TypeChecker): boolean {
  if (ts.isYieldExpression(node.parent) && node.parent.asteriskToken !== undefined) {
    return isMap(checker.getTypeAtLocation(node));
  }
  // Only a name, a member, a call or a construction has a Map; what is around it asks for one itself.
  const mayHave =
    (ts.isIdentifier(node) && !isDeclarationName(node)) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isElementAccessExpression(node) ||
    ts.isCallExpression(node) ||
    ts.isNewExpression(node);
  // Few places want an Iterable: what is wanted costs less to ask than what is there.
  if (!mayHave || !mayBeWanted(node) || isDeclaredPlain(node, checker)) return false;
  if (!wantsIterable(node, checker)) return false;
  return isMap(checker.getTypeAtLocation(node));
}

function wantsIterable(node: ts.Expression, checker: ts.TypeChecker): boolean {
  const call = node.parent;
  if ((ts.isCallExpression(call) || ts.isNewExpression(call)) && call.expression !== node) {
    const declaration = checker.getResolvedSignature(call)?.declaration;
    if (declaration !== undefined && isLibDeclaration(declaration)) return false;
    const at = call.arguments?.indexOf(node) ?? -1;
    const parameter = at < 0 ? undefined : declaration?.parameters[at];
    if (parameter !== undefined && isIterable(checker.getTypeAtLocation(parameter), checker)) {
      return true;
    }
  }
  const wanted = checker.getContextualType(node);
  return wanted !== undefined && isIterable(wanted, checker);
}

const partsOf = (type: ts.Type): readonly ts.Type[] => (type.isUnion() ? type.types : [type]);

const isMap = (type: ts.Type): boolean =>
  partsOf(type).some((one) => one.symbol?.name === 'Map' || one.symbol?.name === 'ReadonlyMap');

const isIterable = (type: ts.Type, checker: ts.TypeChecker): boolean =>
  partsOf(type).some(
    (one) => (checker.getBaseConstraintOfType(one) ?? one).symbol?.name === 'Iterable',
  );
