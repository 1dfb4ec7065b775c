import * as ts from 'typescript';
import { eachNode, inCode } from '../1-read/nodes.ts';
import { ofEachSource } from '../1-read/of-each-source.ts';
import type { Journals, Step } from '../1-read/memory.ts';
import {
  isAssignmentOperator,
  isDeclarationName,
  isFunctionNode,
  skipParentheses,
  type Facts,
  type FunctionNode,
  type Value,
} from './facts.ts';

type Call = ts.CallExpression | ts.NewExpression;
/** What a step of a file's journal says. */
type Kind = 'call' | 'travel' | 'method' | 'getter' | 'setter' | 'write' | 'super' | 'class';

const K = ts.SyntaxKind;
/** Of which visit() says anything. */
const SAYING = inCode(
  ...[K.CallExpression, K.PropertyAccessExpression, K.ElementAccessExpression, K.BindingElement],
  ...[K.PropertyAssignment, K.ShorthandPropertyAssignment, K.SpreadAssignment],
  ...[K.MethodDeclaration, K.GetAccessor, K.SetAccessor, K.PropertyDeclaration, K.Parameter],
  ...[K.ClassDeclaration, K.ClassExpression, K.BinaryExpression, K.ForOfStatement],
  ...[K.PrefixUnaryExpression, K.PostfixUnaryExpression],
);

/**
 * Who calls a function with what, what it gives back, and what members are given: by their names alone, whatever the object,
 * since an interface may stand between the two. Undefined wherever somebody unseen may have a hand in it: the runtime, the
 * users of an entry's exports, or a function that travels as a value.
 */
export class Members {
  private readonly facts: Facts;
  /** What the entries export, wherever it is declared. */
  private readonly exported = new Set<ts.Symbol>();
  private readonly calls = new Map<string, Call[]>();
  private readonly supers = new Map<ts.Symbol, ts.ClassLikeDeclaration[]>();
  private readonly methods = new Map<string, ts.MethodDeclaration[]>();
  private readonly getters = new Map<string, ts.GetAccessorDeclaration[]>();
  private readonly setters = new Map<string, ts.SetAccessorDeclaration[]>();
  private readonly written = new Map<string, Value[]>();
  /** Names that are read without a call, belong to a literal's member, or to the runtime. */
  private readonly travelling = new Set<string>(['toString', 'toJSON', 'next']);
  private readonly outside = new Set<string>();
  private journal: Step[] = [];

  constructor(
    facts: Facts,
    sources: readonly ts.SourceFile[],
    program: ts.Program,
    journals: Journals,
  ) {
    this.facts = facts;
    for (const name of program.getRootFileNames()) {
      const source = program.getSourceFile(name);
      const module = source === undefined ? undefined : facts.checker.getSymbolAtLocation(source);
      if (module === undefined || source?.isDeclarationFile === true) continue;
      for (const one of facts.checker.getExportsOfModule(module)) {
        const isAlias = (one.flags & ts.SymbolFlags.Alias) !== 0;
        this.exported.add(isAlias ? facts.checker.getAliasedSymbol(one) : one);
      }
    }
    for (const source of program.getSourceFiles()) {
      if (!source.isDeclarationFile || source.fileName === '/subset.d.ts') continue;
      for (const name of ambientMembers(source)) this.outside.add(name);
    }
    for (const source of sources) {
      const steps = journals.of('members', source, (journal) => {
        this.journal = journal;
        eachNode(source, SAYING, (node) => this.visit(node));
      });
      for (const step of steps) this.repeat(step);
    }
  }

  private repeat(step: Step): void {
    const [kind, name] = step as [Kind, string];
    switch (kind) {
      case 'call':
        add(this.calls, name, step[2] as Call);
        break;
      case 'travel':
        this.travelling.add(name);
        break;
      case 'method':
        add(this.methods, name, step[2] as ts.MethodDeclaration);
        break;
      case 'getter':
        add(this.getters, name, step[2] as ts.GetAccessorDeclaration);
        break;
      case 'setter':
        add(this.setters, name, step[2] as ts.SetAccessorDeclaration);
        break;
      case 'write':
        add(this.written, name, step[2] as Value);
        break;
      case 'super':
        add(this.supers, step[1] as ts.Symbol, step[2] as ts.ClassLikeDeclaration);
        break;
      case 'class':
        this.addClass(step[1] as ts.ClassLikeDeclaration);
    }
  }

  /** What is exported may be read and written by whoever imports it. */
  private addClass(node: ts.ClassLikeDeclaration): void {
    if (!this.isExported(node.name)) return;
    for (const member of node.members) {
      if (member.name === undefined || isPrivate(member)) continue;
      add(this.written, nameOf(member), { kind: 'unknown' });
      this.travelling.add(nameOf(member));
    }
  }

  private visit(node: ts.Node): void {
    if (ts.isCallExpression(node)) {
      const of = skipParentheses(node.expression);
      if (ts.isPropertyAccessExpression(of)) this.say('call', of.name.text, node);
    } else if (ts.isPropertyAccessExpression(node)) this.visitAccess(node);
    else if (ts.isElementAccessExpression(node)) {
      const key = skipParentheses(node.argumentExpression);
      if (ts.isStringLiteralLike(key)) this.hide(key.text);
      else this.visitKeys(key);
    } else if (ts.isBindingElement(node) && ts.isObjectBindingPattern(node.parent)) {
      const key = node.propertyName ?? node.name;
      if (ts.isIdentifier(key)) this.say('travel', key.text);
    } else if (ts.isObjectLiteralElementLike(node) && ts.isObjectLiteralExpression(node.parent)) {
      this.visitLiteralMember(node);
    } else if (ts.isMethodDeclaration(node) && ts.isClassLike(node.parent)) {
      this.say('method', nameOf(node), node);
    } else if (ts.isGetAccessor(node)) this.say('getter', nameOf(node), node);
    else if (ts.isSetAccessor(node)) {
      this.say('setter', nameOf(node), node);
      this.say('write', nameOf(node), { kind: 'unknown' });
    } else if (ts.isPropertyDeclaration(node) && node.initializer !== undefined) {
      this.say('write', nameOf(node), { kind: 'expression', node: node.initializer });
      if (isFunctionNode(skipParentheses(node.initializer))) this.say('travel', nameOf(node));
    } else if (ts.isParameter(node) && ts.isParameterPropertyDeclaration(node, node.parent)) {
      this.hide(nameOf(node));
    } else if (ts.isClassLike(node)) this.visitClass(node);
    else if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      this.visitAssignment(node);
    } else if (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) {
      const target = skipParentheses(node.operand);
      const by = node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1;
      if (
        ts.isPropertyAccessExpression(target) &&
        (by === 1 || node.operator === ts.SyntaxKind.MinusMinusToken)
      ) {
        this.say('write', target.name.text, { kind: 'step', by, target });
      }
    } else if (ts.isForOfStatement(node) && !ts.isVariableDeclarationList(node.initializer)) {
      this.hideTargets(node.initializer);
    }
  }

  /** `x[key]` with a key out of a union of names may read or write any of them. */
  private visitKeys(key: ts.Expression): void {
    const type = this.facts.checker.getTypeAtLocation(key);
    for (const part of type.isUnion() ? type.types : [type]) {
      if (part.isStringLiteral()) this.hide(part.value);
    }
  }

  private visitAccess(node: ts.PropertyAccessExpression): void {
    let at: ts.Node = node;
    while (ts.isParenthesizedExpression(at.parent) || ts.isNonNullExpression(at.parent)) {
      at = at.parent;
    }
    const isCallee = ts.isCallExpression(at.parent) && at.parent.expression === at;
    if (!isCallee) this.say('travel', node.name.text);
  }

  private visitLiteralMember(node: ts.ObjectLiteralElementLike): void {
    if (node.name === undefined || ts.isComputedPropertyName(node.name)) return;
    const text = node.name.getText().replace(/^['"]|['"]$/g, '');
    if (ts.isPropertyAssignment(node)) {
      this.say('write', text, { kind: 'expression', node: node.initializer });
      if (isFunctionNode(skipParentheses(node.initializer))) this.say('travel', text);
    } else if (ts.isShorthandPropertyAssignment(node)) {
      this.say('write', text, { kind: 'expression', node: node.name });
    } else this.hide(text);
    this.say('travel', text);
  }

  private visitClass(node: ts.ClassLikeDeclaration): void {
    for (const clause of node.heritageClauses ?? []) {
      if (clause.token !== ts.SyntaxKind.ExtendsKeyword) continue;
      const symbol = this.facts.symbolOf(clause.types[0]?.expression ?? node);
      if (symbol !== undefined) this.say('super', symbol, node);
    }
    this.say('class', node);
  }

  private visitAssignment(node: ts.BinaryExpression): void {
    const target = skipParentheses(node.left);
    const operator = node.operatorToken.kind;
    if (ts.isPropertyAccessExpression(target)) {
      this.say(
        'write',
        target.name.text,
        operator === ts.SyntaxKind.EqualsToken
          ? { kind: 'expression', node: node.right }
          : { kind: 'compound', operator, node: node.right, target },
      );
    } else if (!ts.isIdentifier(target)) this.hideTargets(target);
  }

  private hideTargets(node: ts.Node): void {
    if (ts.isPropertyAccessExpression(node)) this.hide(node.name.text);
    else ts.forEachChild(node, (child) => this.hideTargets(child));
  }

  private say(
    ...step: [kind: Kind, of: string | ts.Symbol | ts.Node, what?: ts.Node | Value]
  ): void {
    this.journal.push(step);
  }

  private hide(name: string): void {
    this.say('write', name, { kind: 'unknown' });
    this.say('travel', name);
  }

  private isExported(name: ts.Node | undefined): boolean {
    const symbol = name === undefined ? undefined : this.facts.symbolOf(name);
    return symbol === undefined || this.exported.has(symbol);
  }

  /** Everything a member of that name is given in any class or literal. */
  valuesOf(declaration: ts.PropertyDeclaration): readonly Value[] | undefined {
    const name = nameOf(declaration);
    if (this.outside.has(name)) return undefined;
    const getters = this.getters.get(name) ?? [];
    const values = this.written.get(name) ?? [];
    return getters.length > 0 || values.some((one) => one.kind === 'unknown') ? undefined : values;
  }

  /** The functions that a call of `declaration` may run. */
  targetsOf(declaration: ts.Node): readonly FunctionNode[] | undefined {
    if (ts.isGetAccessor(declaration)) {
      const name = nameOf(declaration);
      if (this.outside.has(name) || (this.written.get(name) ?? []).length > 0) return undefined;
      return this.getters.get(name);
    }
    if (ts.isMethodDeclaration(declaration) || ts.isMethodSignature(declaration)) {
      const name = nameOf(declaration);
      if (this.outside.has(name) || (this.written.get(name) ?? []).length > 0) return undefined;
      return ts.isObjectLiteralExpression(declaration.parent) ? undefined : this.methods.get(name);
    }
    if (ts.isFunctionDeclaration(declaration) && declaration.body !== undefined) {
      return [declaration];
    }
    return ts.isArrowFunction(declaration) || ts.isFunctionExpression(declaration)
      ? [declaration]
      : undefined;
  }

  methodsOf(name: string): readonly ts.MethodDeclaration[] {
    return this.methods.get(name) ?? [];
  }

  accessorsOf(name: string): readonly ts.AccessorDeclaration[] {
    return [...(this.getters.get(name) ?? []), ...(this.setters.get(name) ?? [])];
  }

  /** All calls of a function; undefined when it may be called from where nothing is seen. */
  callersOf(node: ts.Node): readonly Call[] | undefined {
    if (ts.isMethodDeclaration(node)) {
      const name = nameOf(node);
      if (!ts.isClassLike(node.parent) || this.outside.has(name)) return undefined;
      return this.travelling.has(name) ? undefined : (this.calls.get(name) ?? []);
    }
    if (ts.isConstructorDeclaration(node)) return this.makersOf(node.parent, 0);
    let named: ts.Node | undefined;
    if (ts.isFunctionDeclaration(node)) named = node.name;
    else if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      let at: ts.Node = node;
      while (ts.isParenthesizedExpression(at.parent)) at = at.parent;
      const declaration = at.parent;
      if (
        !ts.isVariableDeclaration(declaration) ||
        declaration.initializer !== at ||
        (ts.getCombinedNodeFlags(declaration) & ts.NodeFlags.Const) === 0
      ) {
        return undefined;
      }
      named = declaration.name;
    }
    const symbol = named === undefined ? undefined : this.facts.symbolOf(named);
    if (symbol === undefined || this.exported.has(symbol)) return undefined;
    return this.callsOf(symbol);
  }

  /** The function is called by its name and never kept, given or handed back. */
  isOnlyCalled(node: ts.FunctionDeclaration): boolean {
    const symbol = node.name === undefined ? undefined : this.facts.symbolOf(node.name);
    return symbol !== undefined && this.callsOf(symbol) !== undefined;
  }

  private callsOf(symbol: ts.Symbol): Call[] | undefined {
    const calls: Call[] = [];
    for (const use of this.facts.uses.get(symbol) ?? []) {
      if (isHarmless(use)) continue;
      const call = use.parent;
      if (!ts.isCallExpression(call) || call.expression !== use) return undefined;
      calls.push(call);
    }
    return calls;
  }

  private makersOf(node: ts.ClassLikeDeclaration, depth: number): readonly Call[] | undefined {
    const symbol = node.name === undefined ? undefined : this.facts.symbolOf(node.name);
    if (symbol === undefined || this.exported.has(symbol) || depth > 8) return undefined;
    const calls: Call[] = [];
    for (const use of this.facts.uses.get(symbol) ?? []) {
      const parent = use.parent;
      if (isHarmless(use) || ts.isExpressionWithTypeArguments(parent)) continue;
      if (ts.isBinaryExpression(parent) && parent.right === use) {
        if (parent.operatorToken.kind === ts.SyntaxKind.InstanceOfKeyword) continue;
      }
      if (ts.isPropertyAccessExpression(parent) && parent.expression === use) continue; // a static
      if (!ts.isNewExpression(parent) || parent.expression !== use) return undefined;
      calls.push(parent);
    }
    for (const sub of this.supers.get(symbol) ?? []) {
      const own = sub.members.find(ts.isConstructorDeclaration);
      const made = own === undefined ? this.makersOf(sub, depth + 1) : superCalls(own);
      if (made === undefined) return undefined;
      calls.push(...made);
    }
    return calls;
  }
}

function superCalls(node: ts.ConstructorDeclaration): Call[] {
  const found: Call[] = [];
  const visit = (one: ts.Node): void => {
    if (ts.isCallExpression(one) && one.expression.kind === ts.SyntaxKind.SuperKeyword) {
      found.push(one);
    }
    ts.forEachChild(one, visit);
  };
  visit(node);
  return found;
}

/** In an import, an export or a type. */
function isHarmless(use: ts.Node): boolean {
  if (ts.isIdentifier(use) && isDeclarationName(use)) return true;
  for (let at = use.parent; at !== undefined; at = at.parent) {
    if (ts.isImportDeclaration(at) || ts.isExportSpecifier(at) || ts.isTypeNode(at)) {
      return !ts.isExpressionWithTypeArguments(at);
    }
    if (ts.isExpression(at) || ts.isStatement(at)) return false;
  }
  return false;
}

export function isPrivate(node: ts.Node & { name?: ts.PropertyName | ts.BindingName }): boolean {
  return (
    (node.name !== undefined && ts.isPrivateIdentifier(node.name)) ||
    (ts.getCombinedModifierFlags(node as unknown as ts.Declaration) & ts.ModifierFlags.Private) !==
      0
  );
}

function nameOf(node: { name?: ts.Node | undefined }): string {
  const name = node.name;
  return name !== undefined && (ts.isMemberName(name) || ts.isStringLiteral(name)) ? name.text : '';
}

function add<K, V>(map: Map<K, V[]>, key: K, value: V): void {
  const list = map.get(key);
  if (list === undefined) map.set(key, [value]);
  else list.push(value);
}

/** Names of the members that a file declares. */
const ambientMembers = ofEachSource((source) => {
  const names: string[] = [];
  const visit = (node: ts.Node): void => {
    if ((ts.isTypeElement(node) || ts.isClassElement(node)) && node.name !== undefined) {
      if (ts.isIdentifier(node.name) || ts.isStringLiteral(node.name)) names.push(node.name.text);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return names;
});
