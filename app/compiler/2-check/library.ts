import type ts from 'typescript';

const lib = new WeakMap<ts.Node, boolean>();

/** It stands in the subset's own library. */
export function isLibDeclaration(node: ts.Node): boolean {
  let is = lib.get(node);
  if (is === undefined) {
    // What the checker makes up itself stands in no file.
    is = (node.getSourceFile() as ts.SourceFile | undefined)?.fileName === '/subset.d.ts';
    lib.set(node, is);
  }
  return is;
}
