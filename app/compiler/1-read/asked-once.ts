import type * as ts from 'typescript';

/**
 * The checker, but asked about each node once: it computes most answers anew each time, and the phases ask for the same. For
 * one build, and when the checker has checked everything: then its answers are final.
 */
export function askedOnce(checker: ts.TypeChecker): ts.TypeChecker {
  const types = new Map<ts.Node, ts.Type>();
  const wanted = new Map<ts.Expression, ts.Type | undefined>();
  const answering: Pick<ts.TypeChecker, 'getTypeAtLocation' | 'getContextualType'> = {
    getTypeAtLocation(node) {
      let type = types.get(node);
      if (type === undefined) {
        type = checker.getTypeAtLocation(node);
        types.set(node, type);
      }
      return type;
    },
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
