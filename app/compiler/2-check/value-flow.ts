import * as ts from 'typescript';
import { canonical, type Journals, noJournals, type Step } from '../1-read/memory.ts';
import { eachNode, inCode } from '../1-read/nodes.ts';
import { isDeclaredPlain } from './declared.ts';
import { isAssignmentOperator, isFunctionNode, skipParentheses, type Facts } from './facts.ts';
import { isLibDeclaration } from './library.ts';

/** A variable, parameter or property, or a function for what it gives back. */
export type Holder = ts.Symbol | ts.Node;
/** What an expression gives, or another holder holds, `to` holds. */
export type Edge = [of: ts.Expression | undefined, from: Holder | undefined, to: Holder];

const K = ts.SyntaxKind;
const FLOWING = inCode(
  ...[K.VariableDeclaration, K.PropertyDeclaration, K.Parameter, K.BindingElement],
  ...[K.BinaryExpression, K.ReturnStatement, K.YieldExpression, K.ArrowFunction],
  ...[K.FunctionExpression, K.ObjectLiteralExpression, K.CallExpression, K.NewExpression],
  ...[K.ClassDeclaration, K.ClassExpression, K.Identifier],
);

/**
 * Which values reach which variables, parameters, properties and results, through the whole program: assignments, calls,
 * patterns, callbacks, and the members of classes and literals that stand behind an interface. Lists, Maps and records
 * count as what they hold.
 */
export class ValueFlow {
  readonly facts: Facts;
  /** Of each file, in the order of the sources. */
  readonly edges = new Map<ts.SourceFile, readonly Edge[]>();

  private journal: Step[] = [];

  constructor(facts: Facts, sources: readonly ts.SourceFile[], journals: Journals = noJournals) {
    this.facts = facts;
    for (const source of sources) {
      const journal = journals.of('flow', source, (steps) => {
        this.journal = steps;
        eachNode(source, FLOWING, (node) => this.visit(node));
      });
      this.edges.set(source, journal as Edge[]);
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
    if (isPlain(node)) return false;
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
      if (ts.isIdentifier(parameter.name) && this.mayHoldContainer(one)) {
        this.pass(this.facts.symbolOf(parameter.name), this.target(one));
      }
    });
  }

  private mayHoldContainer(node: ts.Expression): boolean {
    if (isPlain(node) || isDeclaredPlain(node, this.facts.checker)) return false;
    return isContainer(this.facts.checker.getTypeAtLocation(node));
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

/** Its kind alone says that it is no object of the library, for most of what is looked at. */
const isPlain = (node: ts.Expression): boolean =>
  ts.isLiteralExpression(node) ||
  ts.isTemplateExpression(node) ||
  ts.isPrefixUnaryExpression(node) ||
  ts.isArrayLiteralExpression(node) ||
  ts.isObjectLiteralExpression(node) ||
  isFunctionNode(node) ||
  (ts.isConditionalExpression(node) && (isPlain(node.whenTrue) || isPlain(node.whenFalse))) ||
  (ts.isBinaryExpression(node) &&
    (isCounting(node.operatorToken.kind) ||
      (isLogical(node.operatorToken.kind) && isCounted(node.left))));

/** Arithmetic, or a comparison. */
const isCounting = (kind: ts.SyntaxKind): boolean =>
  kind >= ts.SyntaxKind.LessThanToken && kind <= ts.SyntaxKind.CaretToken;

const isLogical = (kind: ts.SyntaxKind): boolean =>
  kind === ts.SyntaxKind.AmpersandAmpersandToken || kind === ts.SyntaxKind.BarBarToken;

/** A number or boolean, of which `&&` and `||` may give what it is. */
const isCounted = (node: ts.Expression): boolean =>
  ts.isPrefixUnaryExpression(node) || (ts.isBinaryExpression(node) && isPlain(node));

const STORES = new Set(['push', 'unshift', 'set', 'add', 'fill', 'splice', 'concat', 'with']);

const memberText = (node: ts.Expression): string =>
  ts.isPropertyAccessExpression(node) ? node.name.text : '';

export const isContainer = (type: ts.Type): boolean =>
  ['Array', 'Map', 'Set'].includes(type.symbol?.name ?? '');
