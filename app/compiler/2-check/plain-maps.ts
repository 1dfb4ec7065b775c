import * as ts from 'typescript';
import { type Journals, noJournals } from '../1-read/memory.ts';
import { eachNode, everywhere, inCode } from '../1-read/nodes.ts';
import type { Facts } from './facts.ts';

/**
 * Maps and Sets whose order nobody can see: made empty by the declaration of a variable or a `#private` field that never
 * gets another value, and only asked for single entries. A plain dict stands for them.
 */
const UNORDERED = new Set(['get', 'set', 'has', 'add', 'delete', 'clear', 'size']);

const DECLARING = inCode(ts.SyntaxKind.VariableDeclaration, ts.SyntaxKind.PropertyDeclaration);
const USING = everywhere(ts.SyntaxKind.Identifier, ts.SyntaxKind.PrivateIdentifier);

export class PlainMaps {
  private readonly facts: Facts;
  private readonly candidates = new Map<ts.Symbol, ts.NewExpression>();
  private readonly plain = new Set<unknown>();

  constructor(facts: Facts, sources: readonly ts.SourceFile[], journals: Journals = noJournals) {
    this.facts = facts;
    for (const source of sources) {
      // No other file sees a candidate.
      const journal = journals.of('maps', source, (steps) => {
        this.candidates.clear();
        eachNode(source, DECLARING, (node) => this.declare(node));
        if (this.candidates.size > 0) eachNode(source, USING, (node) => this.use(node));
        for (const one of this.candidates.values()) steps.push([one]);
      });
      for (const [one] of journal) this.plain.add(one);
    }
  }

  has(node: ts.NewExpression): boolean {
    return this.plain.has(node);
  }

  private declare(node: ts.Node): void {
    if (
      (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name)) ||
      (ts.isPropertyDeclaration(node) && ts.isPrivateIdentifier(node.name))
    ) {
      const made = node.initializer;
      const symbol = this.facts.checker.getSymbolAtLocation(node.name);
      if (symbol !== undefined && made !== undefined && isEmptyMap(made) && !isExported(node)) {
        this.candidates.set(symbol, made);
      }
    }
  }

  private use(node: ts.Node): void {
    if ((ts.isIdentifier(node) || ts.isPrivateIdentifier(node)) && !isDeclared(node)) {
      const symbol = ts.isIdentifier(node)
        ? this.facts.symbolOf(node)
        : this.facts.checker.getSymbolAtLocation(node);
      if (symbol !== undefined && this.candidates.has(symbol) && !isLookUp(node)) {
        this.candidates.delete(symbol);
      }
    }
  }
}

const isEmptyMap = (node: ts.Expression): node is ts.NewExpression =>
  ts.isNewExpression(node) &&
  ts.isIdentifier(node.expression) &&
  (node.expression.text === 'Map' || node.expression.text === 'Set') &&
  (node.arguments ?? []).length === 0;

const isDeclared = (node: ts.Node): boolean =>
  (ts.isVariableDeclaration(node.parent) || ts.isPropertyDeclaration(node.parent)) &&
  node.parent.name === node;

const isExported = (node: ts.Node): boolean => {
  const statement = node.parent.parent;
  return (
    statement !== undefined &&
    ts.isVariableStatement(statement) &&
    (statement.modifiers?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) ?? false)
  );
};

/** `map.get(…)`, `this.#map.size`. */
function isLookUp(node: ts.Node): boolean {
  const of = ts.isPrivateIdentifier(node) ? node.parent : node;
  const access = of.parent;
  if (!ts.isPropertyAccessExpression(access) || access.expression !== of) return false;
  if (!UNORDERED.has(access.name.text)) return false;
  if (access.name.text === 'size') return true;
  const called = access.parent;
  return (
    ts.isCallExpression(called) &&
    called.expression === access &&
    // What set() and add() give back is the map again.
    ((access.name.text !== 'set' && access.name.text !== 'add') ||
      ts.isExpressionStatement(called.parent))
  );
}
