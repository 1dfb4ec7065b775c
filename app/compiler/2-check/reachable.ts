import * as ts from 'typescript';
import type { Journals } from '../1-read/memory.ts';
import type { Constants } from './constants.ts';
import type { Facts } from './facts.ts';
import { firstAt, Mentions, type Mentioned } from './mentions.ts';

/**
 * Which top-level declarations a build needs: everything that runs on import, the exports of the entries, and what those
 * mention. Branches that feature flags rule out mention nothing. A method, an accessor or a field with a harmless first
 * value is needed when its class is and something needed says its name, whatever the object; or when the runtime's
 * declarations do, or an entry exports the class.
 */
export class Reachable {
  private readonly facts: Facts;
  private readonly constants: Constants;
  private readonly needed = new Set<ts.Symbol>();
  private readonly sources: ReadonlySet<ts.SourceFile>;
  private readonly entries: ReadonlySet<ts.SourceFile>;
  private readonly saidNames = new Set<string>();
  /** Members of needed classes whose name nothing has said so far. */
  private readonly waiting = new Map<string, ts.ClassElement[]>();
  private readonly neededMembers = new Set<ts.ClassElement>();
  private readonly mentions: Mentions;

  constructor(
    facts: Facts,
    constants: Constants,
    sources: readonly ts.SourceFile[],
    entries: ReadonlySet<ts.SourceFile>,
    journals: Journals,
  ) {
    this.facts = facts;
    this.mentions = new Mentions(facts, journals);
    this.constants = constants;
    this.sources = new Set(sources);
    this.entries = entries;
    for (const source of sources) {
      for (const statement of source.statements) this.root(statement, entries.has(source));
    }
  }

  /** Whether the declaration has to be written. */
  has(symbol: ts.Symbol | undefined): boolean {
    return symbol !== undefined && this.needed.has(symbol);
  }

  /** Whether the member of a class that is written has to be written, too. */
  hasMember(member: ts.ClassElement): boolean {
    return nameOfMember(member) === undefined || this.neededMembers.has(member);
  }

  private class(node: ts.ClassLikeDeclaration): void {
    const exported =
      this.entries.has(node.getSourceFile()) &&
      ts.canHaveModifiers(node) &&
      ts.getModifiers(node)?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) === true;
    for (const clause of node.heritageClauses ?? []) this.visit(clause);
    for (const member of node.members) {
      const name = nameOfMember(member);
      if (name === undefined || exported || this.saidNames.has(name) || this.isOutside(member)) {
        this.member(member);
        continue;
      }
      const list = this.waiting.get(name);
      if (list === undefined) this.waiting.set(name, [member]);
      else list.push(member);
    }
  }

  private member(member: ts.ClassElement): void {
    this.neededMembers.add(member);
    ts.forEachChild(member, (child) => this.visit(child));
  }

  /** A base class or an interface of the runtime or the library has the member, too: others may ask for it. */
  private isOutside(member: ts.ClassElement): boolean {
    const name = nameOfMember(member);
    if (name === undefined || name === 'toString' || name === 'toJSON') return true;
    const heritage = ts.isClassLike(member.parent) ? (member.parent.heritageClauses ?? []) : [];
    return heritage.some((clause) =>
      clause.types.some((type) =>
        this.facts.checker
          .getTypeAtLocation(type)
          .getProperty(name)
          ?.declarations?.some((one) => one.getSourceFile().isDeclarationFile),
      ),
    );
  }

  private say(name: string): void {
    if (this.saidNames.has(name)) return;
    this.saidNames.add(name);
    const members = this.waiting.get(name) ?? [];
    this.waiting.delete(name);
    for (const member of members) this.member(member);
  }

  private root(statement: ts.Statement, isEntry: boolean): void {
    const exported =
      isEntry &&
      ts.canHaveModifiers(statement) &&
      (ts.getModifiers(statement)?.some((one) => one.kind === ts.SyntaxKind.ExportKeyword) ??
        false);
    if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
      const lasting = ts.isClassDeclaration(statement) && hasEffect(statement);
      if ((exported || lasting) && statement.name !== undefined) this.need(statement.name);
    } else if (ts.isVariableStatement(statement)) {
      for (const declaration of statement.declarationList.declarations) {
        if (exported || !isPure(declaration.initializer)) {
          this.mark(declaration.name);
          this.visit(declaration);
        }
      }
    } else if (ts.isExportDeclaration(statement) && isEntry) {
      if (statement.exportClause !== undefined && ts.isNamedExports(statement.exportClause)) {
        for (const one of statement.exportClause.elements) this.need(one.propertyName ?? one.name);
      }
    } else if (
      !ts.isImportDeclaration(statement) &&
      !ts.isInterfaceDeclaration(statement) &&
      !ts.isTypeAliasDeclaration(statement) &&
      !ts.isExportDeclaration(statement)
    ) {
      this.visit(statement);
    }
  }

  private mark(name: ts.BindingName): void {
    if (ts.isIdentifier(name)) this.need(name);
    else {
      for (const element of name.elements) {
        if (ts.isBindingElement(element)) this.mark(element.name);
      }
    }
  }

  private need(name: ts.Node): void {
    const symbol = this.facts.symbolOf(name);
    if (symbol !== undefined) this.needSymbol(symbol);
  }

  private needSymbol(symbol: ts.Symbol): void {
    if (this.needed.has(symbol)) return;
    this.needed.add(symbol);
    const declaration = symbol.declarations?.[0];
    if (declaration === undefined || !this.sources.has(declaration.getSourceFile())) return;
    // A name out of a pattern needs what the pattern takes apart.
    const whole = ts.findAncestor(declaration, (one) => !isPatternPart(one));
    this.visit(whole !== undefined && ts.isVariableDeclaration(whole) ? whole : declaration);
  }

  /** Follows what a node and its parts mention. */
  private visit(node: ts.Node): void {
    const steps = this.mentions.of(node.getSourceFile());
    let at = firstAt(steps, node.pos);
    while (at < steps.length) {
      const [pos, end, kind, what] = steps[at]!;
      if (pos >= node.end) return;
      // What begins where the node does may be around it.
      const isAround = end > node.end;
      at += 1;
      if (!isAround && this.follow(kind, what as never)) {
        while (at < steps.length && steps[at]![0] < end) at += 1;
      }
    }
  }

  /** Whether the parts of the node that the step is about are done with. */
  private follow<K extends keyof Mentioned>(kind: K, what: Mentioned[K]): boolean;
  private follow(kind: keyof Mentioned, what: Mentioned[keyof Mentioned]): boolean {
    switch (kind) {
      case 'name':
        this.say(what as string);
        return false;
      case 'symbol':
        this.needSymbol(what as ts.Symbol);
        return false;
      case 'class':
        this.class(what as ts.ClassLikeDeclaration);
        return true;
      case 'constant': {
        const constant = this.constants.of(what as ts.Expression);
        return constant !== undefined && (typeof constant !== 'string' || constant.length <= 24);
      }
      case 'branch':
        return this.branch(what as ts.IfStatement | ts.ConditionalExpression);
      case 'and':
        return this.constants.of((what as ts.BinaryExpression).left) === false;
      case 'or':
        return this.constants.of((what as ts.BinaryExpression).left) === true;
    }
  }

  private branch(node: ts.IfStatement | ts.ConditionalExpression): boolean {
    const test = this.constants.of(ts.isIfStatement(node) ? node.expression : node.condition);
    if (typeof test !== 'boolean') return false;
    const [yes, no] = ts.isIfStatement(node)
      ? [node.thenStatement, node.elseStatement]
      : [node.whenTrue, node.whenFalse];
    const taken = test ? yes : no;
    if (taken !== undefined) this.visit(taken);
    return true;
  }
}

/** The name of a method, an accessor or a field that nothing but its name leads to. */
function nameOfMember(member: ts.ClassElement): string | undefined {
  const isStatic = (member as ts.PropertyDeclaration).modifiers?.some(
    (one) => one.kind === ts.SyntaxKind.StaticKeyword,
  );
  if (ts.isPropertyDeclaration(member)) {
    if (isStatic === true || !isPure(member.initializer)) return undefined;
  } else if (!ts.isMethodDeclaration(member) && !ts.isAccessor(member)) return undefined;
  const { name } = member;
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) ? name.text : undefined;
}

const isPatternPart = (node: ts.Node): boolean =>
  ts.isBindingElement(node) || ts.isObjectBindingPattern(node) || ts.isArrayBindingPattern(node);

/** Evaluating it does nothing that can be seen from outside. */
export function isPure(node: ts.Expression | undefined): boolean {
  if (node === undefined) return true;
  if (
    ts.isLiteralExpression(node) ||
    ts.isIdentifier(node) ||
    ts.isArrowFunction(node) ||
    ts.isFunctionExpression(node) ||
    node.kind === ts.SyntaxKind.TrueKeyword ||
    node.kind === ts.SyntaxKind.FalseKeyword ||
    node.kind === ts.SyntaxKind.NullKeyword
  ) {
    return true;
  }
  if (
    ts.isParenthesizedExpression(node) ||
    ts.isAsExpression(node) ||
    ts.isSatisfiesExpression(node) ||
    ts.isNonNullExpression(node) ||
    ts.isPropertyAccessExpression(node) ||
    ts.isSpreadElement(node)
  ) {
    return isPure(node.expression);
  }
  if (ts.isPrefixUnaryExpression(node)) {
    return (
      node.operator !== ts.SyntaxKind.PlusPlusToken &&
      node.operator !== ts.SyntaxKind.MinusMinusToken &&
      isPure(node.operand)
    );
  }
  if (ts.isBinaryExpression(node)) {
    return (
      node.operatorToken.kind < ts.SyntaxKind.FirstAssignment &&
      isPure(node.left) &&
      isPure(node.right)
    );
  }
  if (ts.isArrayLiteralExpression(node)) return node.elements.every((one) => isPure(one));
  if (ts.isObjectLiteralExpression(node)) {
    return node.properties.every(
      (one) =>
        ts.isShorthandPropertyAssignment(one) ||
        (ts.isPropertyAssignment(one) && isPure(one.initializer)),
    );
  }
  if (ts.isNewExpression(node) && ts.isIdentifier(node.expression)) {
    return (
      ['Map', 'Set', 'Uint8Array', 'Array'].includes(node.expression.text) &&
      (node.arguments ?? []).every((one) => isPure(one))
    );
  }
  return false;
}

function hasEffect(node: ts.ClassDeclaration): boolean {
  return node.members.some(
    (member) =>
      ts.isClassStaticBlockDeclaration(member) ||
      (ts.isPropertyDeclaration(member) &&
        member.modifiers?.some((one) => one.kind === ts.SyntaxKind.StaticKeyword) === true &&
        !isPure(member.initializer)),
  );
}
