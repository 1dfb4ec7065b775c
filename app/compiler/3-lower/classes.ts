import * as ts from 'typescript';
import {
  attribute,
  call,
  name,
  none,
  type Expr,
  type Parameter,
  type Stmt,
} from '../python-ast.ts';
import type { Context } from './context.ts';
import { lowerFunctionParts } from './functions.ts';
import { keyText } from './literals.ts';
import { memberName } from './names.ts';
import { pythonMember } from './properties.ts';
import { refuseCaptures } from './rounds.ts';
import { lowerBlock } from './statements.ts';
import { canBeNullish } from './types.ts';

/** Classes: fields become the start of __init__, accessors become properties, statics attributes of the class. */
export function lowerClass(node: ts.ClassDeclaration, c: Context): Stmt[] {
  refuseCaptures(node, c);
  const symbol = node.name === undefined ? undefined : c.checker.getSymbolAtLocation(node.name);
  const text = symbol === undefined ? 'Anonymous' : c.tools.names.of(symbol);
  const base = node.heritageClauses?.find((one) => one.token === ts.SyntaxKind.ExtendsKeyword)
    ?.types[0]?.expression;
  const bases = base === undefined ? [] : [baseClass(base, c)];
  const body: Stmt[] = [];
  const after: Stmt[] = [];
  const constructor = node.members.find(
    (member): member is ts.ConstructorDeclaration =>
      ts.isConstructorDeclaration(member) && member.body !== undefined,
  );
  if (base !== undefined && looksAtItself(base, c)) body.push(...emptyFields(node, c));
  const init = lowerConstructor(node, constructor, base !== undefined, c);
  if (init !== undefined) body.push(init);
  for (const member of membersOf(node, c)) {
    if (ts.isMethodDeclaration(member)) body.push(...lowerMethod(member, c));
    else if (ts.isGetAccessor(member) || ts.isSetAccessor(member)) {
      body.push(...lowerAccessor(member, node, c));
    } else if (ts.isPropertyDeclaration(member) && isStatic(member)) {
      after.push(...staticField(member, text, c));
    } else if (ts.isClassStaticBlockDeclaration(member)) {
      after.push(...lowerBlock(member.body, c));
    }
  }
  c.module.classes.push({
    name: text,
    base: bases[0]?.k === 'name' ? bases[0].name : bases.length === 0 ? '' : undefined,
    fields: node.members.flatMap((one) =>
      ts.isPropertyDeclaration(one) ? memberText(one, c) : [],
    ),
  });
  return [c.s({ k: 'class', name: text, bases, body }), ...after];
}

/** What the build needs of the class; a getter stands before its setter, as Python wants it. */
function membersOf(node: ts.ClassDeclaration, c: Context): ts.ClassElement[] {
  const members: ts.ClassElement[] = [];
  for (const member of node.members) {
    if (!c.tools.isNeeded(member) || members.includes(member)) continue;
    const getter = ts.isSetAccessor(member) ? getterOf(member, node) : undefined;
    if (getter !== undefined && !members.includes(getter)) members.push(getter);
    members.push(member);
  }
  return members;
}

const getterOf = (
  setter: ts.SetAccessorDeclaration,
  owner: ts.ClassDeclaration,
): ts.ClassElement | undefined =>
  owner.members.find(
    (member) =>
      ts.isGetAccessor(member) &&
      member.name.getText() === setter.name.getText() &&
      isStatic(member) === isStatic(setter),
  );

function baseClass(node: ts.Expression, c: Context): Expr {
  if (ts.isIdentifier(node)) {
    const declaration = c.facts.symbolOf(node)?.declarations?.[0];
    if (declaration?.getSourceFile().fileName === '/subset.d.ts')
      return errorClass(node.text, node, c);
  }
  return c.expression(node);
}

/** The constructor of a base calls its own methods, which this class may have replaced. */
function looksAtItself(base: ts.Expression, c: Context): boolean {
  const declaration = c.facts.symbolOf(base)?.valueDeclaration;
  if (declaration === undefined || !ts.isClassLike(declaration)) return false;
  let found = false;
  const visit = (node: ts.Node): void => {
    const of = ts.isCallExpression(node) ? node.expression : undefined;
    if (of !== undefined && ts.isPropertyAccessExpression(of)) {
      if (of.expression.kind === ts.SyntaxKind.ThisKeyword) found = true;
    }
    if (!found) ts.forEachChild(node, visit);
  };
  for (const member of declaration.members) {
    if (ts.isConstructorDeclaration(member)) visit(member);
    if (ts.isPropertyDeclaration(member) && !isStatic(member)) visit(member);
  }
  if (found) return true;
  const next = declaration.heritageClauses?.find(
    (one) => one.token === ts.SyntaxKind.ExtendsKeyword,
  )?.types[0];
  return next !== undefined && looksAtItself(next.expression, c);
}

/** Fields that are undefined until the constructor gives them a value. */
function emptyFields(node: ts.ClassDeclaration, c: Context): Stmt[] {
  return node.members
    .filter((one) => ts.isPropertyDeclaration(one) && !isStatic(one) && !isDeclaredOnly(one))
    .map((one) => c.assign(name(memberText(one, c)), none));
}

/** Python class of a library error. */
export function errorClass(text: string, node: ts.Node, c: Context): Expr {
  switch (text) {
    case 'Error':
      return c.use('Error');
    case 'RangeError':
      return c.use('RangeError');
    case 'TypeError':
      return c.use('TypeError_');
    case 'SyntaxError':
      return c.use('SyntaxError_');
    default:
      return c.refuse('unsupported-global', node, text);
  }
}

const isStatic = (node: ts.ClassElement): boolean =>
  (ts.getCombinedModifierFlags(node as ts.Declaration) & ts.ModifierFlags.Static) !== 0;
const isDeclaredOnly = (node: ts.ClassElement): boolean =>
  (ts.getCombinedModifierFlags(node as ts.Declaration) &
    (ts.ModifierFlags.Abstract | ts.ModifierFlags.Ambient)) !==
  0;

function memberText(node: ts.ClassElement, c: Context): string {
  const member = node.name;
  if (member !== undefined && (ts.isIdentifier(member) || ts.isPrivateIdentifier(member))) {
    const symbol = c.checker.getSymbolAtLocation(member);
    return symbol === undefined ? memberName(member.text) : pythonMember(symbol, member, c);
  }
  const text = member === undefined ? undefined : keyText(member, c);
  if (text === undefined) c.refuse('unsupported-syntax', node, 'A computed member name');
  return memberName(text ?? '_');
}

function fieldStatements(node: ts.ClassDeclaration, c: Context): Stmt[] {
  const made: Stmt[] = [];
  for (const member of membersOf(node, c)) {
    if (!ts.isPropertyDeclaration(member) || isStatic(member) || isDeclaredOnly(member)) continue;
    const line = c.line;
    const source = member.getSourceFile();
    c.line = source.getLineAndCharacterOfPosition(member.getStart(source)).line + 1;
    const target = attribute(name('self'), memberText(member, c));
    const initializer = member.initializer;
    if (initializer !== undefined) {
      const { before, value } = c.apart(() => c.expression(initializer));
      made.push(...before, c.assign(target, value));
    } else if (member.questionToken !== undefined || canBeNullish(c.type(member))) {
      made.push(c.assign(target, none));
    }
    c.line = line;
  }
  return made;
}

function lowerConstructor(
  node: ts.ClassDeclaration,
  constructor: ts.ConstructorDeclaration | undefined,
  derived: boolean,
  c: Context,
): Stmt | undefined {
  const superInit = (...args: Expr[]): Expr => call(attribute(call('super'), '__init__'), ...args);
  if (constructor === undefined) {
    const { value: fields } = c.inFunction(node, () => fieldStatements(node, c));
    if (fields.length === 0) return undefined;
    const parameters: Parameter[] = [{ name: 'self' }];
    const body: Stmt[] = [];
    if (derived) {
      parameters.push({ name: 'values', star: true });
      body.push(c.run(superInit({ k: 'star', of: name('values') })));
    }
    return c.s({ k: 'function', name: '__init__', parameters, body: [...body, ...fields] });
  }
  const parts = lowerFunctionParts(constructor, c, true, () =>
    derived ? [] : fieldStatements(node, c),
  );
  let body = parts.body;
  if (derived) {
    const { value: fields } = c.inFunction(constructor, () => fieldStatements(node, c));
    const at = body.findIndex((statement) => isSuperInit(statement));
    if (at < 0 && fields.length > 0) {
      c.refuse(
        'unsupported-syntax',
        constructor,
        'A call of super() that is no statement of its own',
      );
    }
    body = [...body.slice(0, at + 1), ...fields, ...body.slice(at + 1)];
  }
  if (body.length === 0 && !derived) return undefined;
  return c.s({ k: 'function', name: '__init__', parameters: parts.parameters, body });
}

function isSuperInit(statement: Stmt): boolean {
  return (
    statement.k === 'expression' &&
    statement.value.k === 'call' &&
    statement.value.of.k === 'attribute' &&
    statement.value.of.name === '__init__'
  );
}

function lowerMethod(node: ts.MethodDeclaration, c: Context): Stmt[] {
  if (node.body === undefined) return [];
  if (node.modifiers?.some((one) => one.kind === ts.SyntaxKind.AsyncKeyword) === true) {
    c.refuse('async', node);
    return [];
  }
  const line = c.line;
  const source = node.getSourceFile();
  c.line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
  const fixed = isStatic(node);
  const { parameters, body } = lowerFunctionParts(node, c, !fixed);
  const made = c.s({
    k: 'function',
    name: memberText(node, c),
    decorator: fixed ? 'staticmethod' : undefined,
    parameters,
    body,
  });
  c.line = line;
  return [made];
}

function lowerAccessor(
  node: ts.GetAccessorDeclaration | ts.SetAccessorDeclaration,
  owner: ts.ClassDeclaration,
  c: Context,
): Stmt[] {
  if (node.body === undefined) return [];
  const text = memberText(node, c);
  if (isStatic(node)) {
    // Python has no properties of classes: reading and writing call a function each.
    const { parameters, body } = lowerFunctionParts(node, c, false);
    const called = accessorName(text, ts.isSetAccessor(node));
    return [c.s({ k: 'function', name: called, decorator: 'staticmethod', parameters, body })];
  }
  const { parameters, body } = lowerFunctionParts(node, c, true);
  if (ts.isGetAccessor(node)) {
    const own = c.s({ k: 'function', name: text, decorator: 'property', parameters, body });
    if (!c.tools.names.isAskedOfSuper(node.name.getText())) return [own];
    // super.x reaches functions only.
    const called = accessorName(text, false);
    return [
      c.s({ k: 'function', name: called, parameters, body }),
      c.assign(name(text), call('property', name(called))),
    ];
  }
  if (getterOf(node, owner) !== undefined) {
    return [c.s({ k: 'function', name: text, decorator: `${text}.setter`, parameters, body })];
  }
  const called = accessorName(text, true);
  const nothing: Expr = { k: 'lambda', parameters: [{ name: 'self' }], body: none };
  return [
    c.s({ k: 'function', name: called, parameters, body }),
    c.assign(name(text), call('property', nothing, name(called))),
  ];
}

export const accessorName = (text: string, writes: boolean): string =>
  `_${writes ? 'set' : 'get'}_${text}`;

/** A static accessor's function on its class, undefined for any other member. */
export function staticAccessor(
  of: Expr,
  node: ts.PropertyAccessExpression,
  writes: boolean,
  c: Context,
): Expr | undefined {
  const symbol = c.facts.checker.getSymbolAtLocation(node.name);
  const declaration = symbol?.declarations?.find(
    (one) =>
      (ts.isGetAccessor(one) || ts.isSetAccessor(one)) &&
      ts.isClassLike(one.parent) &&
      isStatic(one),
  );
  if (symbol === undefined || declaration === undefined) return undefined;
  return attribute(of, accessorName(pythonMember(symbol, node.name, c), writes));
}

function staticField(node: ts.PropertyDeclaration, owner: string, c: Context): Stmt[] {
  const target = attribute(name(owner), memberText(node, c));
  const initializer = node.initializer;
  if (initializer === undefined) return [c.assign(target, none)];
  const { before, value } = c.apart(() => c.expression(initializer));
  return [...before, c.assign(target, value)];
}

export function lowerThis(node: ts.Node, c: Context): Expr {
  for (let at = node.parent; at !== undefined; at = at.parent) {
    if (ts.isFunctionDeclaration(at) || ts.isFunctionExpression(at)) break;
    if (ts.isMethodDeclaration(at) && !ts.isClassLike(at.parent)) break;
    if (ts.isClassElement(at)) {
      if (!ts.isClassStaticBlockDeclaration(at) && !isStatic(at)) {
        return { k: 'name', name: 'self', stable: true };
      }
      const owner = at.parent;
      const symbol =
        ts.isClassLike(owner) && owner.name !== undefined
          ? c.checker.getSymbolAtLocation(owner.name)
          : undefined;
      if (symbol !== undefined) return c.variable(symbol);
      break;
    }
  }
  return c.refuse('function-this', node);
}
