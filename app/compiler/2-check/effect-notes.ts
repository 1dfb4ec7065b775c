import * as ts from 'typescript';
import type { Journals, Step } from '../1-read/memory.ts';
import { eachNode, inCode } from '../1-read/nodes.ts';
import { elementOf, type Element } from './elements.ts';
import { isAssignmentOperator, isFunctionNode, skipParentheses, type Facts } from './facts.ts';
import { isLibDeclaration } from './library.ts';

/** One thing that a node does itself, its parts left out; which functions a call runs is found out by whoever reads it. */
export type Note =
  | { kind: 'variable'; what: ts.Symbol }
  /** Assigned, by name: whose object it is nobody asks. */
  | { kind: 'member'; what: string }
  /** A list may get shorter or longer, by the type of its elements. */
  | { kind: 'shorter' | 'longer'; what: Element }
  /** Of a method by `name`, or of a function. */
  | { kind: 'call'; what: ts.Node; name: string | undefined }
  | { kind: 'make'; what: ts.ClassLikeDeclaration }
  | { kind: 'super'; what: ts.ClassLikeDeclaration }
  | { kind: 'access'; what: string }
  /** A function that came as a value is called: any of the program's. */
  | { kind: 'anything' }
  | { kind: 'function'; what: ts.Node };

const SHORTEN = new Set(['pop', 'shift', 'splice']);
const LENGTHEN = new Set(['push', 'unshift', 'splice']);
/** What a for…of or a spread walks through without running code of the program. */
const PLAIN_WALKS = new Set(['Array', 'ReadonlyArray', 'Uint8Array', 'Map', 'Set', 'String']);

const K = ts.SyntaxKind;
/** Of which note() says anything. */
const NOTED = inCode(
  ...[K.BinaryExpression, K.PrefixUnaryExpression, K.PostfixUnaryExpression],
  ...[K.VariableDeclaration, K.ForOfStatement, K.SpreadElement, K.YieldExpression],
  ...[K.AwaitExpression, K.DeleteExpression, K.CallExpression, K.NewExpression],
  ...[K.PropertyAccessExpression, K.FunctionDeclaration, K.FunctionExpression, K.ArrowFunction],
  ...[K.MethodDeclaration, K.Constructor, K.GetAccessor, K.SetAccessor],
);

/** What every node of every file does, in the order of the text, to be asked for by stretches of it. */
export class EffectNotes {
  private readonly facts: Facts;
  private readonly journals: Journals;
  private readonly ofFiles = new Map<ts.SourceFile, readonly Step[]>();
  private steps: Step[] = [];
  private node: ts.Node | undefined;

  constructor(facts: Facts, journals: Journals) {
    this.facts = facts;
    this.journals = journals;
  }

  /** Of a node and its parts. */
  within(node: ts.Node, read: (note: Note) => void): void {
    const steps = this.of(node.getSourceFile());
    let at = 0;
    for (let end = steps.length; at < end;) {
      const middle = (at + end) >> 1;
      if ((steps[middle]![0] as number) < node.pos) at = middle + 1;
      else end = middle;
    }
    for (; at < steps.length; at++) {
      const [pos, end, kind, what, name] = steps[at]! as [number, number, string, unknown, unknown];
      if (pos >= node.end) break;
      // What begins where the node does may be around it.
      if (end <= node.end) read({ kind, what, name } as Note);
    }
  }

  /** Of the node itself. */
  at(node: ts.Node, read: (note: Note) => void): void {
    const before = this.steps;
    this.steps = [];
    this.note(node);
    const found = this.steps;
    this.steps = before;
    for (const [, , kind, what, name] of found) read({ kind, what, name } as Note);
  }

  private of(source: ts.SourceFile): readonly Step[] {
    let steps = this.ofFiles.get(source);
    if (steps === undefined) {
      steps = this.journals.of('effects', source, (into) => {
        this.steps = into;
        eachNode(source, NOTED, (node) => this.note(node));
      });
      this.ofFiles.set(source, steps);
    }
    return steps;
  }

  private say(kind: Note['kind'], what?: unknown, name?: string): void {
    this.steps.push([this.node!.pos, this.node!.end, kind, what, name]);
  }

  private note(node: ts.Node): void {
    this.node = node;
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      this.target(node.left);
    } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      const { operator } = node;
      if (operator === ts.SyntaxKind.PlusPlusToken || operator === ts.SyntaxKind.MinusMinusToken) {
        this.target(node.operand);
      }
    } else if (ts.isVariableDeclaration(node)) this.target(node.name);
    else if (ts.isForOfStatement(node)) {
      if (!ts.isVariableDeclarationList(node.initializer)) this.target(node.initializer);
      this.walk(node.expression);
    } else if (ts.isSpreadElement(node)) this.walk(node.expression);
    else if (ts.isYieldExpression(node) || ts.isAwaitExpression(node)) this.say('anything');
    else if (ts.isDeleteExpression(node)) this.target(node.expression);
    else if (ts.isCallExpression(node)) this.call(node);
    else if (ts.isNewExpression(node)) this.make(node);
    else if (ts.isPropertyAccessExpression(node)) this.say('access', node.name.text);
    else if (isFunctionNode(node)) this.say('function', node);
  }

  private target(node: ts.Node): void {
    const at = ts.isExpression(node) ? skipParentheses(node) : node;
    if (ts.isIdentifier(at)) {
      const symbol = this.facts.symbolOf(at);
      if (symbol !== undefined) this.say('variable', symbol);
    } else if (ts.isPropertyAccessExpression(at)) {
      this.say('member', at.name.text);
      if (at.name.text === 'length') this.list('shorter', at.expression);
    } else if (ts.isElementAccessExpression(at)) {
      const key = skipParentheses(at.argumentExpression);
      if (ts.isStringLiteralLike(key)) this.say('member', key.text);
      this.list('longer', at.expression); // behind its end
    } else ts.forEachChild(at, (child) => this.target(child));
  }

  private list(kind: 'shorter' | 'longer', list: ts.Expression): void {
    const { checker } = this.facts;
    const type = checker.getNonNullableType(checker.getTypeAtLocation(list));
    const element = type.getNumberIndexType();
    if (element !== undefined) this.say(kind, elementOf(element));
  }

  private walk(of: ts.Expression): void {
    const type = this.facts.checker.getTypeAtLocation(of);
    for (const part of type.isUnion() ? type.types : [type]) {
      if ((part.flags & ts.TypeFlags.StringLike) !== 0) continue;
      if (this.facts.checker.isTupleType(part)) continue;
      const made = skipParentheses(of);
      const member =
        ts.isCallExpression(made) && ts.isPropertyAccessExpression(made.expression)
          ? made.expression.name.text
          : '';
      const isView = member === 'entries' || member === 'keys' || member === 'values';
      if (PLAIN_WALKS.has(part.symbol?.name ?? '') || isView) continue;
      this.say('anything');
    }
  }

  private call(node: ts.CallExpression): void {
    const of = skipParentheses(node.expression);
    const declaration = this.facts.checker.getResolvedSignature(node)?.declaration;
    if (declaration !== undefined && isLibDeclaration(declaration)) {
      if (ts.isPropertyAccessExpression(of)) {
        const name = of.name.text;
        if (SHORTEN.has(name)) this.list('shorter', of.expression);
        if (LENGTHEN.has(name)) this.list('longer', of.expression);
        if (name === 'next') this.say('anything');
        if (name === 'from') for (const one of node.arguments) this.walk(one);
      }
      for (const one of node.arguments) this.callback(one);
      return;
    }
    if (of.kind === ts.SyntaxKind.SuperKeyword) {
      const own = ts.findAncestor(node, ts.isClassLike);
      if (own !== undefined) this.say('super', own);
      return;
    }
    if (declaration?.getSourceFile().isDeclarationFile === true) {
      for (const one of node.arguments) this.callback(one);
    } else if (declaration === undefined) this.say('anything');
    else {
      this.say('call', declaration, ts.isPropertyAccessExpression(of) ? of.name.text : undefined);
    }
  }

  /** A function that is handed over; one written in the call is looked through with the call. */
  private callback(node: ts.Expression): void {
    if (isFunctionNode(skipParentheses(node))) return;
    const type = this.facts.checker.getTypeAtLocation(node);
    for (const part of type.isUnion() ? type.types : [type]) {
      if (part.getCallSignatures().length > 0) this.say('anything');
    }
  }

  private make(node: ts.NewExpression): void {
    const declaration = this.facts.symbolOf(skipParentheses(node.expression))?.valueDeclaration;
    if (declaration !== undefined && ts.isClassLike(declaration)) this.say('make', declaration);
    else if (declaration === undefined || !isLibDeclaration(declaration)) this.say('anything');
    for (const one of node.arguments ?? []) this.callback(one);
  }
}
