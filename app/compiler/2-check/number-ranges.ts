import ts from 'typescript';
import { isModuleConst, type Constants } from './constants.ts';
import type { Fractions } from './fractions.ts';
import { skipParentheses, type Facts, type Value } from './facts.ts';

/** Inclusive bounds of a number that is a whole number; `whole` is false when it may have a fraction or be NaN. */
export interface Range {
  lo: number;
  hi: number;
  whole: boolean;
}

const LIMIT = 2 ** 53;
export const ANY: Range = { lo: -LIMIT, hi: LIMIT, whole: true };
const FRACTION: Range = { lo: -LIMIT, hi: LIMIT, whole: false };
export const INT32: Range = { lo: -(2 ** 31), hi: 2 ** 31 - 1, whole: true };
export const UINT32: Range = { lo: 0, hi: 2 ** 32 - 1, whole: true };
export const BYTE: Range = { lo: 0, hi: 255, whole: true };
const LENGTH: Range = { lo: 0, hi: 2 ** 30, whole: true };
const BOUNDS: Record<string, Range> = {
  Int8: { lo: -128, hi: 127, whole: true },
  Uint8: BYTE,
  Int16: { lo: -32768, hi: 32767, whole: true },
  Uint16: { lo: 0, hi: 65535, whole: true },
  Int32: INT32,
  Uint32: UINT32,
};

export const within = (inner: Range, outer: Range): boolean =>
  inner.whole && inner.lo >= outer.lo && inner.hi <= outer.hi;
const make = (lo: number, hi: number, whole = true): Range => ({
  lo: Math.max(-LIMIT, lo),
  hi: Math.min(LIMIT, hi),
  whole,
});
const union = (a: Range, b: Range): Range =>
  make(Math.min(a.lo, b.lo), Math.max(a.hi, b.hi), a.whole && b.whole);

/** Smallest 2^k - 1 that is at least `value`. */
const fill = (value: number): number => 2 ** Math.ceil(Math.log2(value + 1)) - 1;

/** Bounds of `a op b` for the bitwise operators, before any wrap to 32 bits. */
export function bitwiseRange(kind: ts.SyntaxKind, a: Range, b: Range): Range {
  switch (kind) {
    case ts.SyntaxKind.AmpersandToken:
      if (a.lo >= 0 && b.lo >= 0) return make(0, Math.min(a.hi, b.hi));
      if (a.lo >= 0) return make(0, a.hi);
      if (b.lo >= 0) return make(0, b.hi);
      return make(Math.min(a.lo, b.lo) * 2, Math.max(a.hi, b.hi));
    case ts.SyntaxKind.BarToken:
    case ts.SyntaxKind.CaretToken: {
      const top = fill(Math.max(a.hi, b.hi, -a.lo - 1, -b.lo - 1, 0));
      return make(a.lo >= 0 && b.lo >= 0 ? 0 : -top - 1, top);
    }
    case ts.SyntaxKind.LessThanLessThanToken: {
      const most = b.lo >= 0 && b.hi <= 31 ? b.hi : 31;
      return make(Math.min(0, a.lo * 2 ** most), Math.max(0, a.hi * 2 ** most));
    }
    default:
      return ANY;
  }
}

/** Bounds of numbers, from literals, masks, byte reads, lengths and the assignments of local variables. */
export class NumberRanges {
  private readonly facts: Facts;
  private readonly constants: Constants;
  private readonly assumed = new Map<ts.Symbol, Range>();
  private readonly settled = new Map<ts.Symbol, Range>();

  private readonly fractions: Fractions;

  constructor(facts: Facts, constants: Constants, fractions: Fractions) {
    this.facts = facts;
    this.constants = constants;
    this.fractions = fractions;
  }

  of(expression: ts.Expression): Range {
    const constant = this.constants.of(expression);
    if (typeof constant === 'number') return make(constant, constant, Number.isInteger(constant));
    const node = skipParentheses(expression);
    const range = this.compute(node);
    return range.whole && this.fractions.of(node) ? { ...range, whole: false } : range;
  }

  private compute(node: ts.Expression): Range {
    if (ts.isPrefixUnaryExpression(node)) return this.prefix(node);
    if (ts.isBinaryExpression(node)) return this.binary(node);
    if (ts.isConditionalExpression(node)) {
      return union(this.of(node.whenTrue), this.of(node.whenFalse));
    }
    if (ts.isElementAccessExpression(node)) {
      const of = this.facts.checker.getTypeAtLocation(node.expression);
      if (of.symbol?.name === 'Uint8Array') return BYTE;
      const items = this.itemsOf(node.expression);
      if (items !== undefined) {
        return items.map((item) => this.of(item)).reduce((all, one) => union(all, one));
      }
    }
    if (ts.isPropertyAccessExpression(node)) return this.property(node);
    if (ts.isCallExpression(node)) return this.call(node);
    if (ts.isIdentifier(node)) return this.variable(node);
    return this.byType(node);
  }

  /** From literal types alone. */
  private byType(node: ts.Expression): Range {
    const type = this.facts.checker.getTypeAtLocation(node);
    const parts = type.isUnion() ? type.types : [type];
    let range: Range | undefined;
    for (const part of parts) {
      if (!part.isNumberLiteral()) return ANY;
      const one = make(part.value, part.value, Number.isInteger(part.value));
      range = range === undefined ? one : union(range, one);
    }
    return range ?? ANY;
  }

  private prefix(node: ts.PrefixUnaryExpression): Range {
    const range = this.of(node.operand);
    switch (node.operator) {
      case ts.SyntaxKind.MinusToken:
        return make(-range.hi, -range.lo, range.whole);
      case ts.SyntaxKind.TildeToken:
        return within(range, INT32) ? make(-range.hi - 1, -range.lo - 1) : INT32;
      default:
        return ANY;
    }
  }

  private binary(node: ts.BinaryExpression): Range {
    const kind = node.operatorToken.kind;
    if (kind === ts.SyntaxKind.EqualsToken || kind === ts.SyntaxKind.CommaToken) {
      return this.of(node.right);
    }
    if (kind === ts.SyntaxKind.QuestionQuestionToken) {
      return union(this.of(node.left), this.of(node.right));
    }
    return this.operate(kind, this.of(node.left), this.of(node.right));
  }

  private operate(kind: ts.SyntaxKind, a: Range, b: Range): Range {
    const whole = a.whole && b.whole;
    switch (kind) {
      case ts.SyntaxKind.PlusToken:
        return make(a.lo + b.lo, a.hi + b.hi, whole);
      case ts.SyntaxKind.MinusToken:
        return make(a.lo - b.hi, a.hi - b.lo, whole);
      case ts.SyntaxKind.AsteriskToken: {
        const all = [a.lo * b.lo, a.lo * b.hi, a.hi * b.lo, a.hi * b.hi];
        return make(Math.min(...all), Math.max(...all), whole);
      }
      case ts.SyntaxKind.SlashToken:
        return FRACTION;
      case ts.SyntaxKind.PercentToken: {
        const most = Math.max(Math.abs(b.lo), Math.abs(b.hi)) - 1;
        return make(
          a.lo >= 0 ? 0 : Math.max(a.lo, -most),
          a.hi <= 0 ? 0 : Math.min(a.hi, most),
          whole,
        );
      }
      case ts.SyntaxKind.AsteriskAsteriskToken:
        return b.lo >= 0 ? make(a.lo >= 0 ? 0 : -LIMIT, LIMIT, whole) : FRACTION;
      case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken: {
        const top = within(a, UINT32) ? a.hi : UINT32.hi;
        return make(0, b.lo === b.hi ? Math.floor(top / 2 ** (b.lo & 31)) : top);
      }
      case ts.SyntaxKind.GreaterThanGreaterThanToken: {
        const from = within(a, INT32) ? a : INT32;
        const by = b.lo === b.hi ? 2 ** (b.lo & 31) : 1;
        return make(Math.min(0, Math.floor(from.lo / by)), Math.max(0, Math.floor(from.hi / by)));
      }
      case ts.SyntaxKind.AmpersandToken:
      case ts.SyntaxKind.BarToken:
      case ts.SyntaxKind.CaretToken:
      case ts.SyntaxKind.LessThanLessThanToken: {
        const range = bitwiseRange(kind, a, b);
        return within(range, INT32) ? range : INT32;
      }
      default:
        return ANY;
    }
  }

  private property(node: ts.PropertyAccessExpression): Range {
    const symbol = this.facts.checker.getSymbolAtLocation(node.name);
    const declaration = symbol?.declarations?.[0];
    if (symbol === undefined || declaration === undefined) return this.byType(node);
    if (isLibDeclaration(declaration)) {
      const name = node.name.text;
      const items = name === 'length' ? this.itemsOf(node.expression) : undefined;
      if (items !== undefined) return make(items.length, items.length);
      if (name === 'length' || name === 'size' || name === 'byteLength') return LENGTH;
      return name === 'PI' ? FRACTION : ANY;
    }
    if (
      ts.isPropertyDeclaration(declaration) &&
      (ts.isPrivateIdentifier(declaration.name) ||
        (ts.getCombinedModifierFlags(declaration) & ts.ModifierFlags.Private) !== 0)
    ) {
      return this.assigned(symbol, declaration);
    }
    return this.byType(node);
  }

  /** The elements of a const list that nothing changes: it is only read by index, asked for its length or walked. */
  itemsOf(expression: ts.Expression): readonly ts.Expression[] | undefined {
    const of = skipParentheses(expression);
    const variable = ts.isIdentifier(of) ? this.facts.variableOf(of) : undefined;
    const declaration = variable?.declaration;
    if (variable === undefined || declaration === undefined) return undefined;
    if (!ts.isVariableDeclaration(declaration) || !isModuleConst(declaration)) return undefined;
    const literal =
      declaration.initializer === undefined ? undefined : skipParentheses(declaration.initializer);
    if (literal === undefined || !ts.isArrayLiteralExpression(literal)) return undefined;
    if (literal.elements.length === 0 || literal.elements.some((one) => ts.isSpreadElement(one))) {
      return undefined;
    }
    const uses = this.facts.uses.get(variable.symbol) ?? [];
    return uses.every(isReadOnlyUse) ? literal.elements : undefined;
  }

  private call(node: ts.CallExpression): Range {
    const of = node.expression;
    if (ts.isPropertyAccessExpression(of)) {
      const symbol = this.facts.checker.getSymbolAtLocation(of.name);
      const declaration = symbol?.declarations?.[0];
      if (declaration !== undefined && isLibDeclaration(declaration)) {
        return this.libCall(node, of, of.name.text);
      }
    }
    if (ts.isIdentifier(of) && of.text === 'parseFloat') return FRACTION;
    return this.byType(node);
  }

  private libCall(node: ts.CallExpression, of: ts.PropertyAccessExpression, name: string): Range {
    const args = node.arguments.map((argument) =>
      ts.isSpreadElement(argument) ? ANY : this.of(argument),
    );
    const first = args[0] ?? ANY;
    const bounds = BOUNDS[name.slice(3)];
    if (name.startsWith('get') && bounds !== undefined) return bounds;
    switch (name) {
      case 'floor':
      case 'ceil':
      case 'trunc':
      case 'round': {
        const inner = skipParentheses(node.arguments[0] ?? of);
        if (ts.isBinaryExpression(inner) && inner.operatorToken.kind === ts.SyntaxKind.SlashToken) {
          const a = this.of(inner.left);
          const b = this.of(inner.right);
          if (a.lo >= 0 && b.lo >= 1) return make(0, Math.ceil(a.hi / b.lo));
          return ANY;
        }
        return make(first.lo, first.hi);
      }
      case 'abs':
        return make(
          first.lo > 0 ? first.lo : 0,
          Math.max(Math.abs(first.lo), Math.abs(first.hi)),
          first.whole,
        );
      case 'min':
        return make(
          Math.min(...args.map((range) => range.lo)),
          Math.min(...args.map((range) => range.hi)),
          args.every((range) => range.whole),
        );
      case 'max':
        return make(
          Math.max(...args.map((range) => range.lo)),
          Math.max(...args.map((range) => range.hi)),
          args.every((range) => range.whole),
        );
      case 'imul':
        return INT32;
      case 'clz32':
        return make(0, 32);
      case 'sign':
        return make(-1, 1);
      case 'charCodeAt':
        return make(0, 0xffff);
      case 'codePointAt':
        return make(0, 0x10ffff);
      case 'indexOf':
      case 'findIndex':
      case 'lastIndexOf':
      case 'findLastIndex':
        return make(-1, LENGTH.hi);
      case 'push':
      case 'unshift':
        return LENGTH;
      case 'sqrt':
      case 'log':
      case 'log2':
      case 'log10':
      case 'parseFloat':
        return FRACTION;
      case 'pow':
        return make(-LIMIT, LIMIT, args.every((range) => range.whole) && (args[1]?.lo ?? -1) >= 0);
      default:
        return this.byType(node);
    }
  }

  private variable(node: ts.Identifier): Range {
    if (node.text === 'NaN' || node.text === 'Infinity') return FRACTION;
    const variable = this.facts.variableOf(node);
    if (variable === undefined || !ts.isVariableDeclaration(variable.declaration)) {
      return this.byType(node);
    }
    const range = this.assigned(variable.symbol, variable.declaration);
    return this.counterTop(variable.declaration, range);
  }

  /** `for (let i = 0; i < n; i++)` with no other assignment keeps i at n or below. */
  private counterTop(declaration: ts.VariableDeclaration, range: Range): Range {
    const loop = declaration.parent.parent;
    if (!ts.isForStatement(loop) || loop.condition === undefined) return range;
    const writes = this.facts.variableOf(declaration.name)?.writes ?? [];
    const test = skipParentheses(loop.condition);
    if (
      writes.length !== 1 ||
      loop.incrementor === undefined ||
      writes[0]?.parent !== loop.incrementor ||
      !ts.isBinaryExpression(test) ||
      !ts.isIdentifier(test.left) ||
      this.facts.symbolOf(test.left) !== this.facts.symbolOf(declaration.name)
    ) {
      return range;
    }
    const limit = this.of(test.right);
    const kind = test.operatorToken.kind;
    const value = this.facts.values.get(this.facts.symbolOf(declaration.name) as ts.Symbol) ?? [];
    const down = value.some((one) => one.kind === 'step' && one.by === -1);
    if (down) {
      if (kind === ts.SyntaxKind.GreaterThanEqualsToken) {
        return make(Math.max(range.lo, limit.lo - 1), range.hi, range.whole);
      }
      if (kind === ts.SyntaxKind.GreaterThanToken) {
        return make(Math.max(range.lo, limit.lo), range.hi, range.whole);
      }
      return range;
    }
    const most = kind === ts.SyntaxKind.LessThanEqualsToken ? limit.hi + 1 : limit.hi;
    if (
      kind === ts.SyntaxKind.LessThanToken ||
      kind === ts.SyntaxKind.LessThanEqualsToken ||
      kind === ts.SyntaxKind.ExclamationEqualsEqualsToken
    ) {
      return make(range.lo, Math.max(range.lo, Math.min(range.hi, most)), range.whole);
    }
    return range;
  }

  /** Least bounds that hold for every assignment; grown in three rounds, then given up. */
  private assigned(symbol: ts.Symbol, declaration: ts.Declaration): Range {
    const settled = this.settled.get(symbol);
    if (settled !== undefined) return settled;
    const assumption = this.assumed.get(symbol);
    if (assumption !== undefined) return assumption;
    const values = this.facts.values.get(symbol) ?? [];
    if (values.some((value) => value.kind === 'unknown') || values.length === 0) {
      return this.declared(declaration);
    }
    const outermost = this.assumed.size === 0;
    let range: Range | undefined;
    for (let round = 0; round < 5; round++) {
      this.assumed.set(symbol, range ?? make(0, 0));
      let next: Range | undefined = range;
      for (const value of values) {
        if (range === undefined && value.kind !== 'expression' && value.kind !== 'byte') continue;
        const one = this.valueRange(value, range ?? ANY);
        next = next === undefined ? one : union(next, one);
      }
      next ??= ANY;
      if (
        range !== undefined &&
        within(next, range) === range.whole &&
        next.lo >= range.lo &&
        next.hi <= range.hi
      )
        break;
      if (round === 3) next = make(next.lo >= 0 ? 0 : -LIMIT, LIMIT, next.whole);
      if (round === 4) next = { ...ANY, whole: next.whole };
      range = next;
    }
    this.assumed.delete(symbol);
    const found = range ?? ANY;
    if (outermost) this.settled.set(symbol, found);
    return found;
  }

  private declared(declaration: ts.Declaration): Range {
    void declaration;
    return ANY;
  }

  private valueRange(value: Value, now: Range): Range {
    switch (value.kind) {
      case 'expression':
        return this.of(value.node);
      case 'byte':
        return BYTE;
      case 'step':
        return make(now.lo + value.by, now.hi + value.by, now.whole);
      case 'compound':
        return this.operate(compoundOperator(value.operator), now, this.of(value.node));
      case 'unknown':
        return ANY;
    }
  }
}

function isReadOnlyUse(node: ts.Node): boolean {
  const parent = node.parent;
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return true;
  if (ts.isPropertyAccessExpression(parent)) {
    return parent.name.text === 'length' && !isTarget(parent);
  }
  if (ts.isElementAccessExpression(parent)) return parent.expression === node && !isTarget(parent);
  return ts.isForOfStatement(parent) && parent.expression === node;
}

/** It is assigned to, or stepped. */
function isTarget(node: ts.Expression): boolean {
  let at: ts.Node = node;
  while (
    ts.isParenthesizedExpression(at.parent) ||
    ts.isNonNullExpression(at.parent) ||
    ts.isAsExpression(at.parent)
  ) {
    at = at.parent;
  }
  const parent = at.parent;
  return (
    (ts.isBinaryExpression(parent) &&
      parent.left === at &&
      parent.operatorToken.kind >= ts.SyntaxKind.FirstAssignment &&
      parent.operatorToken.kind <= ts.SyntaxKind.LastAssignment) ||
    ts.isPrefixUnaryExpression(parent) ||
    ts.isPostfixUnaryExpression(parent) ||
    ts.isArrayLiteralExpression(parent)
  );
}

export function compoundOperator(kind: ts.SyntaxKind): ts.SyntaxKind {
  switch (kind) {
    case ts.SyntaxKind.PlusEqualsToken:
      return ts.SyntaxKind.PlusToken;
    case ts.SyntaxKind.MinusEqualsToken:
      return ts.SyntaxKind.MinusToken;
    case ts.SyntaxKind.AsteriskEqualsToken:
      return ts.SyntaxKind.AsteriskToken;
    case ts.SyntaxKind.SlashEqualsToken:
      return ts.SyntaxKind.SlashToken;
    case ts.SyntaxKind.PercentEqualsToken:
      return ts.SyntaxKind.PercentToken;
    case ts.SyntaxKind.AsteriskAsteriskEqualsToken:
      return ts.SyntaxKind.AsteriskAsteriskToken;
    case ts.SyntaxKind.LessThanLessThanEqualsToken:
      return ts.SyntaxKind.LessThanLessThanToken;
    case ts.SyntaxKind.GreaterThanGreaterThanEqualsToken:
      return ts.SyntaxKind.GreaterThanGreaterThanToken;
    case ts.SyntaxKind.GreaterThanGreaterThanGreaterThanEqualsToken:
      return ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken;
    case ts.SyntaxKind.AmpersandEqualsToken:
      return ts.SyntaxKind.AmpersandToken;
    case ts.SyntaxKind.BarEqualsToken:
      return ts.SyntaxKind.BarToken;
    case ts.SyntaxKind.CaretEqualsToken:
      return ts.SyntaxKind.CaretToken;
    case ts.SyntaxKind.AmpersandAmpersandEqualsToken:
      return ts.SyntaxKind.AmpersandAmpersandToken;
    case ts.SyntaxKind.BarBarEqualsToken:
      return ts.SyntaxKind.BarBarToken;
    case ts.SyntaxKind.QuestionQuestionEqualsToken:
      return ts.SyntaxKind.QuestionQuestionToken;
    default:
      return kind;
  }
}

const lib = new WeakMap<ts.Node, boolean>();

export function isLibDeclaration(node: ts.Node): boolean {
  let is = lib.get(node);
  if (is === undefined) {
    // What the checker makes up itself stands in no file.
    is = (node.getSourceFile() as ts.SourceFile | undefined)?.fileName === '/subset.d.ts';
    lib.set(node, is);
  }
  return is;
}
