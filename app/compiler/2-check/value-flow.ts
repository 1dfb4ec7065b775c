import ts from 'typescript';
import { canonical, type Journals, noJournals, type Step } from '../1-read/memory.ts';
import { isAssignmentOperator, isFunctionNode, skipParentheses, type Facts } from './facts.ts';
import { isLibDeclaration } from './library.ts';

/** A variable, parameter or property, or a function for what it gives back. */
export type Holder = ts.Symbol | ts.Node;
type Source = { of: ts.Expression } | { of: undefined; holder: Holder };

/**
 * Which values reach which variables, parameters, properties and results, through the whole program: assignments, calls,
 * patterns, callbacks, and the members of classes and literals that stand behind an interface. Lists, Maps and records
 * count as what they hold.
 */
export class ValueFlow {
  readonly facts: Facts;
  readonly edges: [from: Source, to: Holder][] = [];

  private journal: Step[] = [];

  constructor(facts: Facts, sources: readonly ts.SourceFile[], journals: Journals = noJournals) {
    this.facts = facts;
    for (const source of sources) {
      const journal = journals.of('flow', source, (steps) => {
        this.journal = steps;
        this.visit(source);
      });
      for (const [of, holder, to] of journal as [ts.Expression, Holder, Holder][]) {
        this.edges.push([of === undefined ? { of, holder } : { of }, to]);
      }
    }
  }

  private give(from: ts.Expression | undefined, to: Holder | undefined): void {
    if (from !== undefined && to !== undefined) this.journal.push([from, undefined, asHolder(to)]);
  }

  private pass(from: Holder | undefined, to: Holder | undefined): void {
    if (from !== undefined && to !== undefined && from !== to) {
      this.journal.push([undefined, asHolder(from), asHolder(to)]);
    }
  }

  member(node: ts.Node): ts.Symbol | undefined {
    return this.facts.checker.getSymbolAtLocation(node);
  }

  private target(expression: ts.Expression): ts.Symbol | undefined {
    const node = skipParentheses(expression);
    if (ts.isPropertyAccessExpression(node)) return this.member(node.name);
    if (ts.isElementAccessExpression(node)) {
      // A byte is a whole number whatever it is given.
      return this.isBytes(node.expression) ? undefined : this.target(node.expression);
    }
    return ts.isIdentifier(node) ? this.facts.symbolOf(node) : undefined;
  }

  isBytes(node: ts.Expression): boolean {
    const type = this.facts.checker.getTypeAtLocation(node);
    if (!type.isUnion()) return type.symbol?.name === 'Uint8Array';
    const nothing = ts.TypeFlags.Null | ts.TypeFlags.Undefined;
    return type.types.every(
      (part) => part.symbol?.name === 'Uint8Array' || (part.flags & nothing) !== 0,
    );
  }

  private visit(node: ts.Node): void {
    if (ts.isVariableDeclaration(node)) {
      const list = node.parent.parent;
      this.bind(node.name, node.initializer);
      if (ts.isForOfStatement(list)) this.bind(node.name, list.expression);
    } else if (ts.isPropertyDeclaration(node)) {
      this.give(node.initializer, this.member(node.name));
    } else if (ts.isParameter(node)) {
      this.bind(node.name, node.initializer);
    } else if (ts.isBindingElement(node)) {
      this.bind(node.name, node.initializer);
      this.bindMember(node);
    } else if (ts.isBinaryExpression(node) && isAssignmentOperator(node.operatorToken.kind)) {
      this.assign(node);
    } else if (ts.isReturnStatement(node)) {
      this.give(node.expression, ts.findAncestor(node, ts.isFunctionLike));
    } else if (ts.isYieldExpression(node)) {
      this.give(node.expression, ts.findAncestor(node, ts.isFunctionLike));
    } else if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) {
      this.give(node.body, node);
    } else if (ts.isObjectLiteralExpression(node)) this.visitLiteral(node);
    else if (ts.isCallExpression(node) || ts.isNewExpression(node)) this.visitCall(node);
    else if (ts.isClassLike(node)) this.visitClass(node);
    if (ts.isArrowFunction(node) || ts.isFunctionExpression(node)) {
      const wanted = this.facts.checker.getContextualType(node);
      if (wanted !== undefined) this.standFor(node, wanted);
    } else if (ts.isIdentifier(node) && !ts.isCallExpression(node.parent)) {
      this.standForName(node);
    }
    if (!ts.isTypeNode(node)) ts.forEachChild(node, (child) => this.visit(child));
  }

  /** Every name of a pattern may be given what the whole is given. */
  private bind(name: ts.BindingName, from: ts.Expression | undefined): void {
    if (from === undefined) return;
    if (ts.isIdentifier(name)) {
      this.give(from, this.facts.symbolOf(name));
      return;
    }
    for (const element of name.elements) {
      if (!ts.isOmittedExpression(element)) this.bind(element.name, from);
    }
  }

  /** `{ key: name }` takes the member of that name. */
  private bindMember(node: ts.BindingElement): void {
    if (!ts.isObjectBindingPattern(node.parent) || !ts.isIdentifier(node.name)) return;
    const key = node.propertyName ?? node.name;
    if (!ts.isIdentifier(key)) return;
    const type = this.facts.checker.getTypeAtLocation(node.parent);
    this.pass(type.getProperty(key.text), this.facts.symbolOf(node.name));
  }

  private assign(node: ts.BinaryExpression): void {
    const left = skipParentheses(node.left);
    if (node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) {
      this.give(node, this.target(left));
      return;
    }
    if (ts.isArrayLiteralExpression(left) || ts.isObjectLiteralExpression(left)) {
      const visit = (part: ts.Node): void => {
        if (ts.isIdentifier(part)) this.give(node.right, this.facts.symbolOf(part));
        else ts.forEachChild(part, visit);
      };
      visit(left);
    } else this.give(node.right, this.target(left));
  }

  private visitLiteral(node: ts.ObjectLiteralExpression): void {
    const wanted = this.facts.checker.getContextualType(node);
    for (const property of node.properties) {
      if (property.name === undefined) continue;
      const own = this.member(property.name);
      const value = ts.isPropertyAssignment(property)
        ? property.initializer
        : ts.isShorthandPropertyAssignment(property)
          ? property.name
          : undefined;
      this.give(value, own);
      if (wanted === undefined || !ts.isIdentifier(property.name)) continue;
      for (const type of wanted.isUnion() ? wanted.types : [wanted]) {
        const declared = type.getProperty(property.name.text);
        if (declared === undefined || declared === own) continue;
        this.give(value, declared);
        if (ts.isMethodDeclaration(property)) {
          this.standFor(property, this.facts.checker.getTypeOfSymbol(declared));
        }
      }
    }
  }

  private visitCall(node: ts.CallExpression | ts.NewExpression): void {
    const args = node.arguments ?? [];
    const declaration = this.facts.checker.getResolvedSignature(node)?.declaration;
    if (declaration !== undefined && isLibDeclaration(declaration)) {
      const of = node.expression;
      const receiver = ts.isPropertyAccessExpression(of) ? of.expression : undefined;
      for (const one of args) {
        if (isFunctionNode(one)) {
          // What the library gives a callback is in the receiver, or was given beside the callback.
          for (const parameter of one.parameters) {
            if (receiver !== undefined) this.bind(parameter.name, receiver);
            for (const other of args) if (other !== one) this.bind(parameter.name, other);
            if (ts.isIdentifier(parameter.name)) {
              this.pass(one, this.facts.symbolOf(parameter.name));
            }
          }
        } else if (
          receiver !== undefined &&
          STORES.has(memberText(of)) &&
          !this.isBytes(receiver)
        ) {
          this.give(one, this.target(receiver));
        }
      }
      return;
    }
    const parameters = declaration?.parameters ?? [];
    args.forEach((one, at) => {
      const parameter = parameters[Math.min(at, parameters.length - 1)];
      if (parameter === undefined || !ts.isParameter(parameter)) return;
      if (at >= parameters.length && parameter.dotDotDotToken === undefined) return;
      this.bind(parameter.name, one);
      // A function that puts something into a list it was given has put it into the caller's.
      if (
        ts.isIdentifier(parameter.name) &&
        isContainer(this.facts.checker.getTypeAtLocation(one))
      ) {
        this.pass(this.facts.symbolOf(parameter.name), this.target(one));
      }
    });
  }

  /** Methods of a class stand for those of its base and of the interfaces it implements. */
  private visitClass(node: ts.ClassLikeDeclaration): void {
    const checker = this.facts.checker;
    for (const clause of node.heritageClauses ?? []) {
      for (const item of clause.types) {
        const base = checker.getTypeAtLocation(item);
        for (const member of node.members) {
          if (member.name === undefined || !ts.isIdentifier(member.name)) continue;
          const declared = base.getProperty(member.name.text);
          if (declared === undefined) continue;
          const own = this.member(member.name);
          this.pass(own, declared);
          this.pass(declared, own);
          if (ts.isGetAccessor(member)) this.pass(member, declared);
          if (ts.isMethodDeclaration(member))
            this.standFor(member, checker.getTypeOfSymbol(declared));
        }
      }
    }
    for (const member of node.members) {
      if (ts.isGetAccessor(member)) this.pass(member, this.member(member.name));
      if (ts.isSetAccessor(member)) {
        const parameter = member.parameters[0];
        if (parameter !== undefined && ts.isIdentifier(parameter.name)) {
          this.pass(this.member(member.name), this.facts.symbolOf(parameter.name));
        }
      }
    }
  }

  /** A named function given where a function type is wanted. */
  private standForName(node: ts.Identifier): void {
    const symbol = this.facts.symbolOf(node);
    const declaration = symbol?.valueDeclaration;
    if (declaration === undefined || !ts.isFunctionDeclaration(declaration)) return;
    if (declaration.name === node) return;
    const wanted = this.facts.checker.getContextualType(node);
    if (wanted !== undefined) this.standFor(declaration, wanted);
  }

  /** `own` is called through `wanted`: arguments come from there, results go there. */
  private standFor(own: ts.SignatureDeclaration, wanted: ts.Type): void {
    for (const signature of this.facts.checker.getNonNullableType(wanted).getCallSignatures()) {
      const declaration = signature.declaration;
      if (declaration === undefined || isLibDeclaration(declaration) || declaration === own)
        continue;
      this.pass(own, declaration);
      own.parameters.forEach((parameter, at) => {
        const other = declaration.parameters[at];
        if (other === undefined || !ts.isParameter(other) || !ts.isIdentifier(other.name)) return;
        if (!ts.isIdentifier(parameter.name)) return;
        this.pass(this.member(other.name), this.facts.symbolOf(parameter.name));
      });
    }
  }
}

const asHolder = (holder: Holder): Holder => ('escapedName' in holder ? canonical(holder) : holder);

const STORES = new Set(['push', 'unshift', 'set', 'add', 'fill', 'splice', 'concat', 'with']);

const memberText = (node: ts.Expression): string =>
  ts.isPropertyAccessExpression(node) ? node.name.text : '';

const isContainer = (type: ts.Type): boolean =>
  ['Array', 'Map', 'Set'].includes(type.symbol?.name ?? '');

/** What makes a value have the property that is traced, beside where it comes from. */
export interface Rules {
  constant: (value: number) => boolean;
  /** Undefined: judge by the operands. */
  binary: (node: ts.BinaryExpression) => boolean | undefined;
  identifier: (node: ts.Identifier) => boolean;
  /** Functions of the library; undefined: by what goes in. */
  library: (node: ts.CallExpression, member: string) => boolean | undefined;
}

/** The values that may have a property, followed through the program. */
export class Traced {
  private readonly flow: ValueFlow;
  private readonly rules: Rules;
  private readonly constantOf: (node: ts.Expression) => unknown;
  private readonly holding = new Set<Holder>();
  private readonly known = new Map<ts.Node, boolean>();
  private settled = false;
  private asked: Holder[] = [];

  constructor(flow: ValueFlow, constantOf: (node: ts.Expression) => unknown, rules: Rules) {
    this.flow = flow;
    this.rules = rules;
    this.constantOf = constantOf;
    // A value has the property when any of the holders has that it is made of: each of them wakes those that asked for it.
    const waiting = new Map<Holder, Holder[]>();
    const found: Holder[] = [];
    for (const [from, to] of flow.edges) {
      if (this.holding.has(to)) continue;
      this.asked = from.of === undefined ? [from.holder] : [];
      if (from.of === undefined ? this.holding.has(from.holder) : this.of(from.of)) {
        this.holding.add(to);
        found.push(to);
        continue;
      }
      for (const one of this.asked) {
        const list = waiting.get(one);
        if (list === undefined) waiting.set(one, [to]);
        else list.push(to);
      }
    }
    for (let one = found.pop(); one !== undefined; one = found.pop()) {
      for (const to of waiting.get(one) ?? []) {
        if (this.holding.has(to)) continue;
        this.holding.add(to);
        found.push(to);
      }
    }
    this.settled = true;
  }

  /** The variable or property may hold one, or a list or map of them. */
  holds(symbol: ts.Symbol): boolean {
    return this.holding.has(symbol);
  }

  private isHolding(holder: Holder): boolean {
    if (this.holding.has(holder)) return true;
    if (!this.settled) this.asked.push(holder);
    return false;
  }

  of(expression: ts.Expression): boolean {
    const node = skipParentheses(expression);
    const known = this.known.get(node);
    if (known !== undefined) return known;
    const value = this.compute(node);
    if (this.settled) this.known.set(node, value);
    return value;
  }

  private compute(node: ts.Expression): boolean {
    const constant = this.constantOf(node);
    if (constant === undefined && this.flow.isBytes(node)) return false;
    if (constant !== undefined)
      return typeof constant === 'number' && this.rules.constant(constant);
    if (ts.isIdentifier(node)) {
      const symbol = this.flow.facts.symbolOf(node);
      return this.rules.identifier(node) || (symbol !== undefined && this.isHolding(symbol));
    }
    if (ts.isPropertyAccessExpression(node)) {
      const symbol = this.flow.member(node.name);
      if (symbol !== undefined && this.isHolding(symbol)) return true;
      return node.name.text === 'value' && this.of(node.expression); // of an iterator's result
    }
    if (ts.isElementAccessExpression(node)) return this.of(node.expression);
    if (ts.isPrefixUnaryExpression(node)) {
      const counts =
        node.operator !== ts.SyntaxKind.TildeToken &&
        node.operator !== ts.SyntaxKind.ExclamationToken;
      return counts && this.of(node.operand);
    }
    if (ts.isConditionalExpression(node)) return this.of(node.whenTrue) || this.of(node.whenFalse);
    if (ts.isArrayLiteralExpression(node)) return node.elements.some((one) => this.of(one));
    if (ts.isSpreadElement(node)) return this.of(node.expression);
    if (ts.isBinaryExpression(node)) return this.binary(node);
    if (ts.isNewExpression(node)) {
      const type = this.flow.facts.checker.getTypeAtLocation(node);
      return isContainer(type) && (node.arguments ?? []).some((one) => this.of(one));
    }
    return ts.isCallExpression(node) && this.call(node);
  }

  private binary(node: ts.BinaryExpression): boolean {
    const own = this.rules.binary(node);
    if (own !== undefined) return own;
    switch (node.operatorToken.kind) {
      case ts.SyntaxKind.PlusToken:
      case ts.SyntaxKind.MinusToken:
      case ts.SyntaxKind.AsteriskToken:
      case ts.SyntaxKind.SlashToken:
      case ts.SyntaxKind.AsteriskAsteriskToken:
      case ts.SyntaxKind.PercentToken:
      case ts.SyntaxKind.PlusEqualsToken:
      case ts.SyntaxKind.MinusEqualsToken:
      case ts.SyntaxKind.AsteriskEqualsToken:
      case ts.SyntaxKind.SlashEqualsToken:
      case ts.SyntaxKind.AsteriskAsteriskEqualsToken:
      case ts.SyntaxKind.PercentEqualsToken:
      case ts.SyntaxKind.QuestionQuestionToken:
      case ts.SyntaxKind.BarBarToken:
      case ts.SyntaxKind.AmpersandAmpersandToken:
      case ts.SyntaxKind.QuestionQuestionEqualsToken:
      case ts.SyntaxKind.BarBarEqualsToken:
      case ts.SyntaxKind.AmpersandAmpersandEqualsToken:
        return this.of(node.left) || this.of(node.right);
      case ts.SyntaxKind.EqualsToken:
      case ts.SyntaxKind.CommaToken:
        return this.of(node.right);
      default:
        return false;
    }
  }

  private call(node: ts.CallExpression): boolean {
    const of = node.expression;
    const declaration = this.flow.facts.checker.getResolvedSignature(node)?.declaration;
    if (declaration !== undefined && !isLibDeclaration(declaration)) {
      return this.isHolding(declaration);
    }
    const member = ts.isPropertyAccessExpression(of) ? of.name.text : of.getText();
    const own = this.rules.library(node, member);
    if (own !== undefined) return own;
    if (WHOLE_RESULTS.has(member)) return false;
    return (
      (ts.isPropertyAccessExpression(of) && this.of(of.expression)) ||
      node.arguments.some((one) => (isFunctionNode(one) ? this.isHolding(one) : this.of(one)))
    );
  }
}

/** Functions of the library whose result is a whole number or no number at all, whatever goes in. */
const WHOLE_RESULTS = new Set(
  (
    'indexOf lastIndexOf findIndex findLastIndex push unshift includes has isInteger isSafeInteger isNaN isFinite imul clz32 ' +
    'sign codePointAt join toFixed toString String stringify every some isArray keys'
  ).split(' '),
);
