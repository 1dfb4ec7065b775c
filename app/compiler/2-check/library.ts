import type * as ts from 'typescript';

/** It stands in the subset's own library. */
export const isLibDeclaration = (node: ts.Node): boolean =>
  // What the checker makes up itself stands in no file.
  (node.getSourceFile() as ts.SourceFile | undefined)?.fileName === '/subset.d.ts';
