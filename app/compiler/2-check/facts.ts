import * as ts from 'typescript';
import { canonical, type Journals, noJournals, type Step } from '../1-read/memory.ts';
import { eachNode, everywhere } from '../1-read/nodes.ts';

/** One way a variable or private field gets its value. */
export type Value =
  | { kind: 'expression'; node: ts.Expression }
  | { kind: 'compound'; operator: ts.SyntaxKind; node: ts.Expression; target: ts.Expression }
  | { kind: 'step'; by: 1 | -1; target: ts.Expression }
  | { kind: 'byte' }
  | { kind: 'unknown' };

export interface Variable {
  symbol: ts.Symbol;
  declaration: ts.Node;
  /** The function (or source file) whose variable it is. */
  owner: ts.Node;
  /** Innermost loop of the owner around the declaration. */
  loop: ts.Node | undefined;
  /** The block in which it is visible. */
  block: ts.Node;
  captured: boolean;
  /** Places that assign after the declaration. */
  writes: ts.Node[];
}

export type FunctionNode =
  | ts.FunctionDeclaration
  | ts.FunctionExpression
  | ts.ArrowFunction
  | ts.MethodDeclaration
  | ts.ConstructorDeclaration
  | ts.GetAccessorDeclaration
  | ts.SetAccessorDeclaration;

export function isFunctionNode(node: ts.Node): node is FunctionNode {
  return (
    ts.isFunctionDeclaration(node) ||
    ts.isFunctionExpression(node) ||
    ts.isArrowFunction(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isConstructorDeclaration(node) ||
    ts.isGetAccessorDeclaration(node) ||
    ts.isSetAccessorDeclaration(node)
  );
}

export function isLoop(node: ts.Node): node is ts.IterationStatement {
  return ts.isIterationStatement(node, false);
}

/** The function around a node, or its source file. A field's initialiser belongs to the class's constructor: the class. */
export function ownerOf(node: ts.Node): ts.Node {
  let at = node.parent;
  while (
    at !== undefined &&
    !isFunctionNode(at) &&
    !ts.isSourceFile(at) &&
    !ts.isPropertyDeclaration(at) &&
    !ts.isClassStaticBlockDeclaration(at)
  ) {
    at = at.parent;
  }
  return at ?? node.getSourceFile();
}

export function skipParentheses(node: ts.Expression): ts.Expression {
  let at = node;
  while (
    ts.isParenthesizedExpression(at) ||
    ts.isAsExpression(at) ||
    ts.isSatisfiesExpression(at) ||
    ts.isNonNullExpression(at)
  ) {
    at = at.expression;
  }
  return at;
}

const ASSIGNMENTS = new Set<ts.SyntaxKind>();
for (
  let kind = ts.SyntaxKind.FirstAssignment as number;
  kind <= ts.SyntaxKind.LastAssignment;
  kind++
) {
  ASSIGNMENTS.add(kind);
}
export const isAssignmentOperator = (kind: ts.SyntaxKind): boolean => ASSIGNMENTS.has(kind);

const K = ts.SyntaxKind;
const DECLARING = everywhere(
  ...[K.VariableDeclaration, K.Parameter, K.BindingElement, K.PropertyDeclaration],
  ...[K.FunctionDeclaration, K.ClassDeclaration],
);
const USING = everywhere(
  ...[K.Identifier, K.BinaryExpression, K.PrefixUnaryExpression, K.PostfixUnaryExpression],
  ...[K.ForOfStatement, K.ForInStatement],
);

/** What every later phase asks about variables: who owns them, who captures them, what they are given. */
export class Facts {
  readonly checker: ts.TypeChecker;
  readonly variables = new BySymbol<Variable>();
  readonly values = new BySymbol<Value[]>();
  private readonly mentionsByFile = new Map<ts.SourceFile, OwnMentions>();
  private readonly useSteps = new Map<ts.SourceFile, readonly Step[]>();
  /** Uses of each symbol, declarations left out. */
  readonly uses = new BySymbol<ts.Node[]>();
  private readonly owned = new Map<ts.Node, Variable[]>();
  private journal: Step[] = [];
  private readonly declared = new Set<ts.Symbol>();

  constructor(
    checker: ts.TypeChecker,
    sources: readonly ts.SourceFile[],
    journals: Journals = noJournals,
  ) {
    this.checker = checker;
    const phase = (name: string, visit: (source: ts.SourceFile) => void): void => {
      for (const source of sources) {
        const journal = journals.of(name, source, (steps) => {
          this.journal = steps;
          visit(source);
        });
        for (const step of journal) this.repeat(step);
        if (name === 'use') this.useSteps.set(source, journal);
      }
    };
    phase('declare', (source) => eachNode(source, DECLARING, (node) => this.declare(node)));
    phase('use', (source) => eachNode(source, USING, (node) => this.use(node)));
  }

  /** Every symbol mentioned in a function, those nested in it included. */
  mentionsOf(owner: ts.Node): ReadonlySet<ts.Symbol> {
    const source = owner.getSourceFile();
    let known = this.mentionsByFile.get(source);
    if (known === undefined) {
      known = ownMentions(this.useSteps.get(source) ?? []);
      this.mentionsByFile.set(source, known);
    }
    return known.get(owner) ?? NO_SYMBOLS;
  }

  /** Every symbol mentioned in a file. */
  mentionedIn(source: ts.SourceFile): ReadonlySet<ts.Symbol> {
    const found = new Set<ts.Symbol>();
    for (const [kind, symbol] of this.useSteps.get(source) ?? []) {
      if (kind === 'mention') found.add(symbol as ts.Symbol);
    }
    return found;
  }

  /** Variables of a function or source file, in the order of their declarations. */
  ownedBy(owner: ts.Node): readonly Variable[] {
    return this.owned.get(owner) ?? [];
  }

  private repeat(step: Step): void {
    const symbol = step[1] as ts.Symbol;
    switch (step[0]) {
      case 'variable':
        this.addVariable(step);
        break;
      case 'empty':
        this.values.set(symbol, []);
        break;
      case 'give':
        this.addValue(symbol, step[2] as Value);
        break;
      case 'write':
        this.variables.get(symbol)?.writes.push(step[2] as ts.Node);
        break;
      case 'mention':
        this.addMention(symbol, step[2] as ts.Node, step[3] as ts.Node);
    }
  }

  private addVariable(step: Step): void {
    const [, symbol, declaration, owner, loop, block] = step as [
      string,
      ts.Symbol,
      ts.Node,
      ts.Node,
      ts.Node | undefined,
      ts.Node,
    ];
    if (this.variables.has(symbol)) return;
    const one = { symbol, declaration, owner, loop, block, captured: false, writes: [] };
    this.variables.set(symbol, one);
    const list = this.owned.get(owner);
    if (list === undefined) this.owned.set(owner, [one]);
    else list.push(one);
  }

  private addValue(symbol: ts.Symbol, value: Value): void {
    const list = this.values.get(symbol);
    if (list === undefined) this.values.set(symbol, [value]);
    else list.push(value);
  }

  /** The symbol an identifier stands for, through imports. */
  symbolOf(node: ts.Node): ts.Symbol | undefined {
    let symbol: ts.Symbol | undefined;
    if (ts.isIdentifier(node) && ts.isShorthandPropertyAssignment(node.parent)) {
      symbol = this.checker.getShorthandAssignmentValueSymbol(node.parent);
    } else symbol = this.checker.getSymbolAtLocation(node);
    if (symbol !== undefined && (symbol.flags & ts.SymbolFlags.Alias) !== 0) {
      return this.checker.getAliasedSymbol(symbol);
    }
    return symbol;
  }

  /** The name of `import * as name`. */
  isNamespace(node: ts.Identifier): boolean {
    const declaration = this.checker.getSymbolAtLocation(node)?.declarations?.[0];
    return declaration !== undefined && ts.isNamespaceImport(declaration);
  }

  variableOf(node: ts.Node): Variable | undefined {
    const symbol = this.symbolOf(node);
    return symbol === undefined ? undefined : this.variables.get(symbol);
  }

  /** The function is not only called by its name. */
  isGivenAway(symbol: ts.Symbol): boolean {
    return (this.uses.get(symbol) ?? []).some(
      (use) => !(ts.isCallExpression(use.parent) && use.parent.expression === use),
    );
  }

  private give(symbol: ts.Symbol | undefined, value: Value): void {
    if (symbol !== undefined) this.journal.push(['give', symbol, value]);
  }

  private declare(node: ts.Node): void {
    if (
      ts.isVariableDeclaration(node) ||
      ts.isParameter(node) ||
      ts.isBindingElement(node) ||
      ts.isFunctionDeclaration(node) ||
      ts.isClassDeclaration(node)
    ) {
      if (node.name !== undefined && ts.isIdentifier(node.name)) this.declareName(node, node.name);
    }
    if (ts.isPropertyDeclaration(node)) {
      const symbol = this.checker.getSymbolAtLocation(node.name);
      this.give(
        symbol,
        node.initializer === undefined
          ? { kind: 'unknown' }
          : { kind: 'expression', node: node.initializer },
      );
      if (node.initializer === undefined && symbol !== undefined)
        this.journal.push(['empty', symbol]);
    }
  }

  private declareName(node: ts.Declaration, name: ts.Identifier): void {
    const symbol = this.checker.getSymbolAtLocation(name);
    if (symbol === undefined || this.declared.has(symbol)) return;
    this.declared.add(symbol);
    const owner = ownerOf(node);
    let loop: ts.Node | undefined;
    let block: ts.Node | undefined;
    for (let at: ts.Node | undefined = node.parent; at !== undefined; at = at.parent) {
      if (
        block === undefined &&
        (ts.isBlock(at) || ts.isCaseBlock(at) || isLoop(at) || ts.isCatchClause(at) || at === owner)
      ) {
        block = at;
      }
      if (at === owner) break;
      if (isLoop(at)) {
        loop = at;
        break;
      }
    }
    this.journal.push(['variable', symbol, node, owner, loop, block ?? owner]);
    if (ts.isVariableDeclaration(node)) {
      const list = node.parent;
      if (node.initializer !== undefined) {
        this.give(symbol, { kind: 'expression', node: node.initializer });
      } else if (ts.isVariableDeclarationList(list) && ts.isForOfStatement(list.parent)) {
        const over = this.checker.getTypeAtLocation(list.parent.expression);
        this.give(symbol, { kind: over.symbol?.name === 'Uint8Array' ? 'byte' : 'unknown' });
      } else if (ts.isCatchClause(list)) this.give(symbol, { kind: 'unknown' });
    } else this.give(symbol, { kind: 'unknown' });
  }

  private use(node: ts.Node): void {
    if (ts.isIdentifier(node) && !isDeclarationName(node)) this.mention(node);
    if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      this.assign(node.left, node.operatorToken.kind, node.right);
    } else if (
      (ts.isPrefixUnaryExpression(node) || ts.isPostfixUnaryExpression(node)) &&
      (node.operator === ts.SyntaxKind.PlusPlusToken ||
        node.operator === ts.SyntaxKind.MinusMinusToken)
    ) {
      const by = node.operator === ts.SyntaxKind.PlusPlusToken ? 1 : -1;
      this.write(node.operand, { kind: 'step', by, target: skipParentheses(node.operand) });
    } else if (
      (ts.isForOfStatement(node) || ts.isForInStatement(node)) &&
      !ts.isVariableDeclarationList(node.initializer)
    ) {
      this.assignPattern(node.initializer);
    }
  }

  private mention(node: ts.Identifier): void {
    const symbol = this.symbolOf(node);
    if (symbol !== undefined) this.journal.push(['mention', symbol, node, ownerOf(node)]);
  }

  private addMention(symbol: ts.Symbol, node: ts.Node, owner: ts.Node): void {
    const uses = this.uses.get(symbol);
    if (uses === undefined) this.uses.set(symbol, [node]);
    else uses.push(node);
    const variable = this.variables.get(symbol);
    if (variable !== undefined && variable.owner !== owner && !ts.isSourceFile(variable.owner)) {
      variable.captured = true;
    }
    if (
      variable !== undefined &&
      ts.isSourceFile(variable.owner) &&
      !ts.isSourceFile(owner) &&
      variable.loop !== undefined
    ) {
      variable.captured = true;
    }
  }

  private assign(left: ts.Expression, operator: ts.SyntaxKind, right: ts.Expression): void {
    const target = skipParentheses(left);
    if (operator !== ts.SyntaxKind.EqualsToken) {
      this.write(target, { kind: 'compound', operator, node: right, target });
    } else if (ts.isArrayLiteralExpression(target) || ts.isObjectLiteralExpression(target)) {
      this.assignPattern(target);
    } else this.write(target, { kind: 'expression', node: right });
  }

  private assignPattern(node: ts.Node): void {
    if (ts.isIdentifier(node) || ts.isPropertyAccessExpression(node)) {
      this.write(node, { kind: 'unknown' });
    } else if (ts.isBinaryExpression(node)) this.assignPattern(node.left);
    else if (ts.isPropertyAssignment(node)) this.assignPattern(node.initializer);
    else if (ts.isShorthandPropertyAssignment(node)) this.assignPattern(node.name);
    else ts.forEachChild(node, (child) => this.assignPattern(child));
  }

  private write(left: ts.Node, value: Value): void {
    const target = ts.isExpression(left) ? skipParentheses(left) : left;
    if (ts.isIdentifier(target)) {
      const symbol = this.symbolOf(target);
      this.give(symbol, value);
      if (symbol !== undefined) this.journal.push(['write', symbol, target]);
    } else if (ts.isPropertyAccessExpression(target)) {
      this.give(this.checker.getSymbolAtLocation(target.name), value);
    }
  }
}

type OwnMentions = ReadonlyMap<ts.Node, ReadonlySet<ts.Symbol>>;
const NO_SYMBOLS: ReadonlySet<ts.Symbol> = new Set();

/** By function, of a file's steps. */
function ownMentions(steps: readonly Step[]): OwnMentions {
  const found = new Map<ts.Node, Set<ts.Symbol>>();
  const outer = new Map<ts.Node, ts.Node>();
  for (const [kind, symbol, , owner] of steps) {
    if (kind !== 'mention') continue;
    for (let at = owner as ts.Node; ;) {
      let set = found.get(at);
      if (set === undefined) {
        set = new Set();
        found.set(at, set);
      }
      set.add(symbol as ts.Symbol);
      if (ts.isSourceFile(at)) break;
      let next = outer.get(at);
      if (next === undefined) {
        next = ownerOf(at);
        outer.set(at, next);
      }
      at = next;
    }
  }
  return found;
}

/** By the one symbol that stands for all that mean the same member. */
class BySymbol<T> extends Map<ts.Symbol, T> {
  override get(symbol: ts.Symbol): T | undefined {
    return super.get(canonical(symbol));
  }

  override has(symbol: ts.Symbol): boolean {
    return super.has(canonical(symbol));
  }

  override set(symbol: ts.Symbol, value: T): this {
    return super.set(canonical(symbol), value);
  }
}

/** The name in a declaration or of a member, where it is no use of a variable. */
export function isDeclarationName(node: ts.Identifier): boolean {
  const parent = node.parent;
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node;
  if (ts.isPropertyAssignment(parent)) return parent.name === node;
  if (ts.isShorthandPropertyAssignment(parent)) return false;
  if (ts.isBindingElement(parent)) return parent.name === node || parent.propertyName === node;
  if (ts.isExportSpecifier(parent)) return false;
  if (ts.isImportSpecifier(parent) || ts.isImportClause(parent) || ts.isNamespaceImport(parent)) {
    return true;
  }
  if (ts.isLabeledStatement(parent) || ts.isBreakOrContinueStatement(parent)) return true;
  return 'name' in parent && parent.name === node;
}
