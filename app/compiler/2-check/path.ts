import * as ts from 'typescript';
import type { Effect, Effects } from './effects.ts';
import { skipParentheses, type Facts } from './facts.ts';
import type { Members } from './members.ts';

/** A variable, or fields of one: what reads the same twice unless somebody writes. */
export interface Path {
  /** The same for the same place only. */
  text: string;
  root: ts.Symbol | undefined;
  members: readonly string[];
}

const numbers = new WeakMap<ts.Symbol, number>();
let count = 0;

function numberOf(symbol: ts.Symbol): number {
  let number = numbers.get(symbol);
  if (number === undefined) {
    number = ++count;
    numbers.set(symbol, number);
  }
  return number;
}

export function pathOf(
  expression: ts.Expression,
  facts: Facts,
  members: Members,
): Path | undefined {
  const node = skipParentheses(expression);
  if (node.kind === ts.SyntaxKind.ThisKeyword) {
    return { text: 'this', root: undefined, members: [] };
  }
  if (ts.isIdentifier(node)) {
    const symbol = facts.variableOf(node)?.symbol;
    if (symbol === undefined) return undefined;
    return { text: `${node.text}#${String(numberOf(symbol))}`, root: symbol, members: [] };
  }
  if (!ts.isPropertyAccessExpression(node) || node.questionDotToken !== undefined) return undefined;
  const of = pathOf(node.expression, facts, members);
  const name = node.name.text;
  if (of === undefined || members.accessorsOf(name).length > 0) return undefined;
  const declaration = facts.checker.getSymbolAtLocation(node.name)?.declarations?.[0];
  if (declaration === undefined || declaration.getSourceFile().isDeclarationFile) return undefined;
  return { text: `${of.text}.${name}`, root: of.root, members: [...of.members, name] };
}

export const isKept = (path: Path, effect: Effect, effects: Effects): boolean =>
  (path.root === undefined || !effects.writes(effect, path.root)) &&
  !path.members.some((name) => effects.assigns(effect, name));
