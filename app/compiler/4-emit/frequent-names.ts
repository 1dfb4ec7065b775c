import type { Expr, Stmt } from '../python-ast.ts';

/**
 * A .mpy refers to names by their place in its table, in one byte below 128 and in two above, and the table fills in the
 * order in which module-level code names things. A condition that is never true names the most used ones first.
 */
const ONE_BYTE = 128;
/** Fewer names than this, and hardly any reference needs two bytes. */
const WORTH_IT = 250;

export function namesFirst(statements: readonly Stmt[]): Stmt[] {
  const counts = new Map<string, number>();
  const count = (name: string): void => void counts.set(name, (counts.get(name) ?? 0) + 1);
  for (const one of statements) visit(one, count);
  if (counts.size < WORTH_IT) return [];
  const frequent = [...counts]
    .sort(([a, n], [b, m]) => m - n || (a < b ? -1 : 1))
    .slice(0, ONE_BYTE - 2)
    .map(([name]) => name);
  let chain: Expr = { k: 'name', name: '__name__' };
  for (const name of frequent) chain = { k: 'attribute', of: chain, name };
  const test: Expr = {
    k: 'unary',
    op: 'not',
    of: { k: 'name', name: '__name__' },
  };
  return [{ k: 'if', line: 0, test, yes: [{ k: 'expression', line: 0, value: chain }], no: [] }];
}

const IDENTIFIER = /^[A-Za-z_]\w*$/;

/** Names of attributes, of functions and parameters, and text that looks like a name: all share one table. */
function visit(node: unknown, count: (name: string) => void): void {
  if (Array.isArray(node)) {
    for (const one of node) visit(one, count);
    return;
  }
  if (typeof node !== 'object' || node === null) return;
  const part = node as Partial<Record<string, unknown>>;
  switch (part['k']) {
    case 'attribute':
    case 'function':
    case 'class':
      count(part['name'] as string);
      break;
    case 'string':
      if (IDENTIFIER.test(part['value'] as string)) count(part['value'] as string);
      break;
    case 'call': {
      const of = part['of'] as Expr;
      if (of.k === 'name') count(of.name);
    }
  }
  if (Array.isArray(part['parameters'])) {
    for (const one of part['parameters'] as { name: string }[]) count(one.name);
  }
  for (const value of Object.values(part)) visit(value, count);
}
