import * as ts from 'typescript';

/**
 * The checker, but asked about each node once: it computes most answers anew each time, and the phases ask for the same. For
 * one build, and when the checker has checked everything: then its answers are final.
 */
export function askedOnce(checker: ts.TypeChecker): ts.TypeChecker {
  const types = new Map<ts.Node, ts.Type>();
  const wanted = new Map<ts.Expression, ts.Type | undefined>();
  const typeOf = (node: ts.Node): ts.Type => {
    let type = types.get(node);
    if (type === undefined) {
      type = typeOfOperator(node) ?? checker.getTypeAtLocation(node);
      types.set(node, type);
    }
    return type;
  };
  /** What the operator alone says: the checker would look through all that it is applied to. */
  const typeOfOperator = (node: ts.Node): ts.Type | undefined => {
    if (!ts.isBinaryExpression(node)) return undefined;
    const kind = node.operatorToken.kind;
    if (COMPARING.has(kind)) return checker.getBooleanType();
    const isNumber = (of: ts.Node): boolean => (typeOf(of).flags & ts.TypeFlags.NumberLike) !== 0;
    const isPlus = kind === ts.SyntaxKind.PlusToken;
    const isCounted = isPlus || COUNTING.has(kind);
    if (!isCounted || !isNumber(node.left) || (isPlus && !isNumber(node.right))) return undefined;
    return checker.getNumberType();
  };
  const answering: Pick<ts.TypeChecker, 'getTypeAtLocation' | 'getContextualType'> = {
    getTypeAtLocation: typeOf,
    getContextualType(node) {
      const known = wanted.get(node);
      if (known !== undefined || wanted.has(node)) return known;
      const type = checker.getContextualType(node);
      wanted.set(node, type);
      return type;
    },
  };
  return Object.assign(Object.create(checker) as ts.TypeChecker, answering);
}

const COMPARING = new Set([
  ts.SyntaxKind.LessThanToken,
  ts.SyntaxKind.LessThanEqualsToken,
  ts.SyntaxKind.GreaterThanToken,
  ts.SyntaxKind.GreaterThanEqualsToken,
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
]);

/** Whatever they are applied to beside a number, they make a number; `+` makes one of two. */
const COUNTING = new Set([
  ts.SyntaxKind.MinusToken,
  ts.SyntaxKind.AsteriskToken,
  ts.SyntaxKind.SlashToken,
  ts.SyntaxKind.PercentToken,
  ts.SyntaxKind.AmpersandToken,
  ts.SyntaxKind.BarToken,
  ts.SyntaxKind.CaretToken,
  ts.SyntaxKind.LessThanLessThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanToken,
  ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken,
]);
