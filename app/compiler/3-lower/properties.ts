import * as ts from 'typescript';
import { skipParentheses } from '../2-check/facts.ts';
import { isLibDeclaration } from '../2-check/library.ts';
import {
  attribute,
  call,
  conditional,
  index,
  isNone,
  method,
  name,
  none,
  number,
  string,
  type Expr,
} from '../python-ast.ts';
import { accessorName, staticAccessor } from './classes.ts';
import type { Context } from './context.ts';
import { checkedRead, isNowhere, mayBeMissing } from './indexes.ts';
import { memberName } from './names.ts';
import { isError } from './text.ts';
import { isArray, isBytes, isRecord, isString, libName } from './types.ts';

/** Reading members and elements. */

/** The declaration of a property, and the class, interface or literal it stands in. */
export function memberOf(
  node: ts.PropertyAccessExpression,
  c: Context,
): { symbol: ts.Symbol; shapes: ts.Node[]; library: boolean; isMethod: boolean } | undefined {
  const symbol = c.checker.getSymbolAtLocation(node.name);
  if (symbol === undefined) return undefined;
  const declarations = symbol.declarations ?? [];
  return {
    symbol,
    shapes: declarations.map((one) =>
      ts.isParameter(one.parent) ? one.parent.parent : one.parent,
    ),
    library: declarations.some((one) => isLibDeclaration(one)),
    isMethod:
      declarations.length > 0 &&
      declarations.every((one) => ts.isMethodDeclaration(one) || ts.isMethodSignature(one)) &&
      declarations.some((one) => ts.isMethodDeclaration(one) && ts.isClassLike(one.parent)),
  };
}

/** The Python name of a member; private names that a base class uses too carry their class. */
export function pythonMember(symbol: ts.Symbol, node: ts.MemberName, c: Context): string {
  const text = node.text;
  if (!ts.isPrivateIdentifier(node)) return memberName(text);
  const declaration = symbol.valueDeclaration;
  const owner = declaration?.parent;
  if (owner !== undefined && ts.isClassLike(owner) && repeats(owner, text, c)) {
    return `_${owner.name?.text ?? ''}${memberName(text)}`;
  }
  return memberName(text);
}

const bases = (node: ts.ClassLikeDeclaration, c: Context): ts.ClassLikeDeclaration[] => {
  const found: ts.ClassLikeDeclaration[] = [];
  for (let at: ts.ClassLikeDeclaration | undefined = node; at !== undefined;) {
    const clause: ts.HeritageClause | undefined = at.heritageClauses?.find(
      (one) => one.token === ts.SyntaxKind.ExtendsKeyword,
    );
    const base: ts.ExpressionWithTypeArguments | undefined = clause?.types[0];
    const declaration: ts.Declaration | undefined =
      base === undefined ? undefined : c.facts.symbolOf(base.expression)?.valueDeclaration;
    at = declaration !== undefined && ts.isClassLike(declaration) ? declaration : undefined;
    if (at !== undefined) found.push(at);
  }
  return found;
};

/** A public `_x` or a base's `#x` would be the same Python attribute as `#x`. */
function repeats(owner: ts.ClassLikeDeclaration, text: string, c: Context): boolean {
  return [owner, ...bases(owner, c)].some((one) =>
    one.members.some((member) => {
      if (member.name === undefined) return false;
      if (ts.isPrivateIdentifier(member.name)) return one !== owner && member.name.text === text;
      return ts.isIdentifier(member.name) && member.name.text === `_${text.slice(1)}`;
    }),
  );
}

/** `of.name` for an object already lowered, by the layout of its type. */
export function memberAccess(
  of: Expr,
  node: ts.PropertyAccessExpression,
  c: Context,
  writing = false,
): Expr {
  const member = memberOf(node, c);
  const text = node.name.text;
  if (member === undefined || member.shapes.length === 0) {
    // A key of a record, written with a dot.
    return writing ? index(of, string(text)) : method(of, 'get', string(text));
  }
  if (member.library) return attribute(of, memberName(text)); // name and message of an error
  const accessor = writing ? undefined : staticAccessor(of, node, false, c);
  if (accessor !== undefined) return call(accessor);
  const optional = (member.symbol.flags & ts.SymbolFlags.Optional) !== 0;
  const layouts = new Set(
    member.shapes.map((shape) =>
      ts.isSourceFile(shape) || ts.isModuleBlock(shape)
        ? 'attributes'
        : c.tools.shapes.layoutOf(shape),
    ),
  );
  if (layouts.size > 1) return c.refuse('mixed-layout', node, text);
  if (layouts.has('attributes')) {
    const key = pythonMember(member.symbol, node.name, c);
    if (optional && !writing && !member.shapes.every((shape) => ts.isClassLike(shape))) {
      return call('getattr', of, string(key), none);
    }
    return attribute(of, key);
  }
  return optional && !writing ? method(of, 'get', string(text)) : index(of, string(text));
}

export function lowerPropertyAccess(node: ts.PropertyAccessExpression, c: Context): Expr {
  const namespace = namespaceMember(node, c);
  if (namespace !== undefined) return namespace;
  const member = memberOf(node, c);
  if (member?.library === true) return libraryProperty(node, c);
  if (node.name.text === 'length' && isArray(c.type(node.expression), c.checker)) {
    return length(c.expression(node.expression)); // a tuple's own
  }
  if (member?.isMethod === true && !isCallee(node)) {
    return c.refuse('method-value', node, node.name.text);
  }
  if (node.expression.kind === ts.SyntaxKind.SuperKeyword) {
    if (member === undefined || (member.symbol.flags & ts.SymbolFlags.GetAccessor) === 0) {
      return c.refuse('unsupported-syntax', node, 'super before what is no getter and not called');
    }
    const text = pythonMember(member.symbol, node.name, c);
    return call(attribute(call('super'), accessorName(text, false)));
  }
  return memberAccess(c.expression(node.expression), node, c);
}

export function isCallee(node: ts.Node): boolean {
  let at = node;
  while (ts.isParenthesizedExpression(at.parent) || ts.isNonNullExpression(at.parent))
    at = at.parent;
  return ts.isCallExpression(at.parent) && at.parent.expression === at;
}

/** `import * as name`: members of a module. */
function namespaceMember(node: ts.PropertyAccessExpression, c: Context): Expr | undefined {
  if (!ts.isIdentifier(node.expression) || !c.facts.isNamespace(node.expression)) return undefined;
  return attribute(name(memberName(node.expression.text)), memberName(node.name.text));
}

export const length = (of: Expr): Expr => call('len', of);

function libraryProperty(node: ts.PropertyAccessExpression, c: Context): Expr {
  const of = skipParentheses(node.expression);
  const type = c.type(node.expression);
  const library = libName(type, c.checker) ?? type.symbol?.name ?? '';
  const text = node.name.text;
  switch (text) {
    case 'length':
    case 'size':
      return length(c.expression(of));
    case 'byteLength':
      return length(c.expression(of));
    case 'message':
      if (isError(type, c.checker)) {
        const value = c.expression(of);
        return library === 'Error' ? c.helper('message_of', value) : attribute(value, 'message');
      }
      break;
    case 'name':
      if (isError(type, c.checker)) {
        const value = c.expression(of);
        return library === 'Error' ? c.helper('name_of', value) : attribute(value, 'name');
      }
      break;
    case 'cause':
      if (isError(type, c.checker)) return call('getattr', c.expression(of), string('cause'), none);
      break;
    case 'MAX_SAFE_INTEGER':
      return number(Number.MAX_SAFE_INTEGER);
    case 'MIN_SAFE_INTEGER':
      return number(Number.MIN_SAFE_INTEGER);
    case 'NaN':
      return call('float', string('nan'));
    case 'POSITIVE_INFINITY':
      return call('float', string('inf'));
    case 'NEGATIVE_INFINITY':
      return call('float', string('-inf'));
    case 'byteOffset':
    case 'buffer':
      return c.refuse('unsupported-member', node, `${library}.${text} by itself`);
    case 'value':
    case 'done':
      return method(c.expression(of), 'get', string(text));
    case 'PI':
      return number(Math.PI);
  }
  return c.refuse('unsupported-member', node, `${library}.${text}`);
}

/** `a[i]` for parts already lowered. */
export function elementAccess(
  of: Expr,
  at: Expr,
  node: ts.ElementAccessExpression,
  c: Context,
): Expr {
  const type = c.type(node.expression);
  if (isArray(type, c.checker) || isBytes(type, c.checker) || isString(type, c.checker)) {
    return index(of, at);
  }
  if (isRecord(type, c.checker)) return method(of, 'get', at);
  const literal = c.type(node.argumentExpression);
  if (literal.isStringLiteral()) {
    const symbol = c.checker.getPropertyOfType(type, literal.value);
    const shape = symbol?.declarations?.[0]?.parent;
    if (symbol !== undefined && shape !== undefined) {
      if (c.tools.shapes.layoutOf(shape) === 'attributes') {
        return attribute(of, memberName(literal.value));
      }
      const optional = (symbol.flags & ts.SymbolFlags.Optional) !== 0;
      return optional ? method(of, 'get', string(literal.value)) : index(of, at);
    }
  }
  // A key out of a union of names, on a plain object.
  const shapes = c.tools.shapes.shapesOf(type);
  if (shapes.length > 0 && shapes.every((shape) => c.tools.shapes.layoutOf(shape) === 'dict')) {
    return method(of, 'get', at);
  }
  if (shapes.length > 0 && shapes.every((shape) => shape.getSourceFile().isDeclarationFile)) {
    return index(of, at); // a type of the runtime
  }
  if ((type.flags & ts.TypeFlags.TypeParameter) !== 0 && shapes.length === 0) {
    return c.helper('member', of, at); // of any layout
  }
  return c.refuse('unsupported-member', node, `[…] on ${c.checker.typeToString(type)}`);
}

export function lowerElementAccess(node: ts.ElementAccessExpression, c: Context): Expr {
  const [of, at] = c.operands([node.expression, node.argumentExpression]) as [Expr, Expr];
  const type = c.type(node.expression);
  if (isArray(type, c.checker) || isBytes(type, c.checker) || isString(type, c.checker)) {
    if (isNowhere(node, c)) return c.refuse('index-range', node, node.getText());
    if (mayBeMissing(node, c)) return c.helper('at', of, at);
    const checked = checkedRead(node, c);
    if (checked !== undefined) return c.helper(checked, of, at);
  }
  return elementAccess(of, at, node, c);
}

/**
 * An operand that is compared with undefined, or stands left of `??`: reading behind the end of an array gives
 * undefined there, so it must not raise an IndexError.
 */
export function indexOrUndefined(expression: ts.Expression, c: Context): Expr {
  const node = skipParentheses(expression);
  if (hasOpenQuestion(node)) return lowerOptionalChain(node, c, indexOrUndefined);
  if (ts.isElementAccessExpression(node)) {
    const type = c.type(node.expression);
    if (isArray(type, c.checker) || isBytes(type, c.checker) || isString(type, c.checker)) {
      const [of, at] = c.operands([node.expression, node.argumentExpression]) as [Expr, Expr];
      return c.helper('at', of, at);
    }
  }
  return c.expression(node);
}

/** `a?.b`, `a?.[i]`, `a?.m()`: the whole chain is None when `a` is. */
export function lowerOptionalChain(
  node: ts.Expression,
  c: Context,
  lower: (node: ts.Expression, c: Context) => Expr = (one, context) => context.expression(one),
): Expr {
  const root = chainRoot(node);
  const of = indexOrUndefined(root.expression, c);
  const kept = c.twice(of);
  const saved = substitutes.get(root.expression);
  substitutes.set(root.expression, kept);
  opened.add(root);
  const { before, value } = c.apart(() => lower(node, c));
  opened.delete(root);
  if (saved === undefined) substitutes.delete(root.expression);
  if (before.length === 0) return conditional(isNone(kept), none, value);
  const result = name(c.temporary());
  c.before.push(
    c.assign(result, none),
    c.s({
      k: 'if',
      test: isNone(kept),
      yes: [],
      no: [...before, c.assign(result, value)],
    }),
  );
  return result;
}

type Chain = (ts.PropertyAccessExpression | ts.ElementAccessExpression | ts.CallExpression) & {
  questionDotToken?: ts.QuestionDotToken;
};

/** Innermost link with `?.` first evaluated: the leftmost one. */
function chainRoot(node: ts.Expression): Chain {
  let found: Chain | undefined;
  let at: ts.Expression = node;
  while (
    ts.isPropertyAccessExpression(at) ||
    ts.isElementAccessExpression(at) ||
    ts.isCallExpression(at) ||
    ts.isNonNullExpression(at)
  ) {
    if (!ts.isNonNullExpression(at) && at.questionDotToken !== undefined && !opened.has(at)) {
      found = at;
    }
    at = at.expression;
  }
  return found as Chain;
}

/** Links whose `?.` has been dealt with, and expressions whose value is already in a temporary. */
const opened = new WeakSet<ts.Node>();
export const substitutes = new WeakMap<ts.Node, Expr>();

/** True while some `?.` of this chain still has to be dealt with. */
export function hasOpenQuestion(node: ts.Expression): boolean {
  let at: ts.Expression = node;
  while (
    ts.isPropertyAccessExpression(at) ||
    ts.isElementAccessExpression(at) ||
    ts.isCallExpression(at) ||
    ts.isNonNullExpression(at)
  ) {
    if (!ts.isNonNullExpression(at) && at.questionDotToken !== undefined && !opened.has(at)) {
      return true;
    }
    at = at.expression;
  }
  return false;
}
