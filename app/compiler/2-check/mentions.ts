import * as ts from 'typescript';
import type { Journals } from '../1-read/memory.ts';
import { mayBeConstant } from './constants.ts';
import { isDeclarationName, type Facts } from './facts.ts';

/** What a place of the program mentions, by kind. */
export interface Mentioned {
  /** A member, by its name alone. */
  name: string;
  symbol: ts.Symbol;
  /** Its members are followed one by one. */
  class: ts.ClassLikeDeclaration;
  /** Where it has a constant's value, nothing in it is mentioned. */
  constant: ts.Expression;
  /** Where its condition is constant, only one part counts. */
  branch: ts.IfStatement | ts.ConditionalExpression;
  /** Where the left side is false, or true, nothing in it counts. */
  and: ts.BinaryExpression;
  or: ts.BinaryExpression;
}

/** `[from, to, kind, what]`: where in the text; a node's own step comes before those of its parts. */
export type Mention = [number, number, keyof Mentioned, Mentioned[keyof Mentioned]];

/** What each file mentions, in the order of its text. */
export class Mentions {
  private readonly facts: Facts;
  private readonly journals: Journals;
  private readonly ofFiles = new Map<ts.SourceFile, readonly Mention[]>();
  private steps: Mention[] = [];

  constructor(facts: Facts, journals: Journals) {
    this.facts = facts;
    this.journals = journals;
  }

  of(source: ts.SourceFile): readonly Mention[] {
    let steps = this.ofFiles.get(source);
    if (steps === undefined) {
      steps = this.journals.of('mentions', source, (journal) => {
        this.steps = journal as Mention[];
        ts.forEachChild(source, (child) => this.scan(child));
      }) as readonly Mention[];
      this.ofFiles.set(source, steps);
    }
    return steps;
  }

  private add<K extends keyof Mentioned>(node: ts.Node, kind: K, what: Mentioned[K]): void {
    this.steps.push([node.pos, node.end, kind, what]);
  }

  private scan(node: ts.Node): void {
    if (ts.isTypeNode(node) && !ts.isExpressionWithTypeArguments(node)) return;
    if (ts.isHeritageClause(node) && node.token === ts.SyntaxKind.ImplementsKeyword) return;
    if (ts.isClassLike(node)) {
      this.add(node, 'class', node);
      for (const clause of node.heritageClauses ?? []) this.scan(clause);
      for (const member of node.members) ts.forEachChild(member, (child) => this.scan(child));
      return;
    }
    this.scanName(node);
    if (ts.isIfStatement(node) || ts.isConditionalExpression(node)) this.add(node, 'branch', node);
    else if (ts.isBinaryExpression(node)) {
      const kind = node.operatorToken.kind;
      if (kind === ts.SyntaxKind.AmpersandAmpersandToken) this.add(node, 'and', node);
      else if (kind === ts.SyntaxKind.BarBarToken) this.add(node, 'or', node);
    } else if (ts.isPropertyAccessExpression(node)) {
      if (mayBeConstant(node, this.facts)) this.add(node, 'constant', node);
      if (ts.isIdentifier(node.expression) && this.facts.isNamespace(node.expression)) {
        this.addSymbol(node, node.name);
        return;
      }
    } else if (ts.isIdentifier(node)) {
      if (isDeclarationName(node)) return;
      if (mayBeConstant(node, this.facts)) this.add(node, 'constant', node);
      this.addSymbol(node, node);
    }
    ts.forEachChild(node, (child) => this.scan(child));
  }

  private addSymbol(node: ts.Node, name: ts.Node): void {
    const symbol = this.facts.symbolOf(name);
    if (symbol !== undefined) this.add(node, 'symbol', symbol);
  }

  /** The member that an expression, a literal or a pattern asks for. */
  private scanName(node: ts.Node): void {
    if (ts.isPropertyAccessExpression(node)) this.add(node, 'name', node.name.text);
    else if (ts.isPrivateIdentifier(node) || ts.isStringLiteralLike(node)) {
      this.add(node, 'name', node.text);
    } else if (ts.isShorthandPropertyAssignment(node)) this.add(node, 'name', node.name.text);
    else if (ts.isPropertyAssignment(node) || ts.isMethodDeclaration(node)) {
      if (ts.isIdentifier(node.name)) this.add(node, 'name', node.name.text);
    } else if (ts.isBindingElement(node)) {
      const key = node.propertyName ?? node.name;
      if (ts.isIdentifier(key)) this.add(node, 'name', key.text);
    } else if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) {
      if (ts.isIdentifier(node.name)) this.add(node, 'name', node.name.text);
    }
  }
}

/** Where the steps of what begins at `pos` or later begin. */
export function firstAt(steps: readonly Mention[], pos: number): number {
  let at = 0;
  for (let end = steps.length; at < end;) {
    const middle = (at + end) >> 1;
    if (steps[middle]![0] < pos) at = middle + 1;
    else end = middle;
  }
  return at;
}
