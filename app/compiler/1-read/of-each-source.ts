import type * as ts from 'typescript';

/** Computed once for a text: a file that stays the same keeps its source, and what follows from the text alone stays, too. */
export function ofEachSource<T>(
  compute: (source: ts.SourceFile) => T,
): (source: ts.SourceFile) => T {
  const known = new WeakMap<ts.SourceFile, { value: T }>();
  return (source) => {
    let found = known.get(source);
    if (found === undefined) {
      found = { value: compute(source) };
      known.set(source, found);
    }
    return found.value;
  };
}
