import * as ts from 'typescript';
import { type Journals, noJournals, type Step } from '../1-read/memory.ts';
import { eachNode, inCode } from '../1-read/nodes.ts';
import { isDeclaredPlain } from './declared.ts';
import { isDeclarationName } from './facts.ts';
import { isLibDeclaration } from './library.ts';
import { mayBeWanted } from './wanted.ts';

/**
 * How objects are laid out. A class instance has attributes; an object literal is a dict. An interface may be met by
 * either, so every place where a value of one type is given to another joins the two declarations into one group, and
 * the whole group has one layout: attributes as soon as a class (or the runtime's own type) is in it, else a dict.
 * A group whose key order can be seen (JSON.stringify, Object.keys, spread into a record) is kept in order.
 */
export type Layout = 'attributes' | 'dict';

type ShapeNode =
  | ts.InterfaceDeclaration
  | ts.TypeLiteralNode
  | ts.ObjectLiteralExpression
  | ts.ClassLikeDeclaration;

const isShapeNode = (node: ts.Node): node is ShapeNode =>
  ts.isInterfaceDeclaration(node) ||
  ts.isTypeLiteralNode(node) ||
  ts.isObjectLiteralExpression(node) ||
  ts.isClassLike(node);

const isAmbient = (node: ts.Node): boolean =>
  node.getSourceFile().isDeclarationFile && !isLibDeclaration(node);

const K = ts.SyntaxKind;
/** What isGiven() may be true of, and what else visit() asks for. */
const SHAPING = inCode(
  ...[K.ObjectLiteralExpression, K.ArrayLiteralExpression, K.Identifier, K.CallExpression],
  ...[K.PropertyAccessExpression, K.ElementAccessExpression, K.NewExpression, K.ThisKeyword],
  ...[K.ConditionalExpression, K.ArrowFunction, K.FunctionExpression],
  ...[K.ClassDeclaration, K.ClassExpression, K.InterfaceDeclaration, K.AsExpression],
  ...[K.SpreadAssignment, K.ObjectBindingPattern],
);

/** An object, or something that may hold one; relating anything else has no effect. */
const mayHaveShape = (type: ts.Type): boolean =>
  type.isUnion()
    ? type.types.some(mayHaveShape)
    : (type.flags & (ts.TypeFlags.Object | ts.TypeFlags.TypeParameter)) !== 0;

export class Shapes {
  private readonly checker: ts.TypeChecker;
  private readonly parent = new Map<ts.Node, ts.Node>();
  private readonly attributeRoots = new Set<ts.Node>();
  private readonly orderedRoots = new Set<ts.Node>();
  private readonly looseRoots = new Set<ts.Node>();
  private readonly related = new Set<string>();
  private readonly ids = new Map<ts.Type, number>();
  private journal: Step[] = [];
  /** Some value of unknown shape has its keys listed or is turned into JSON. */
  looseOrder = false;

  constructor(
    checker: ts.TypeChecker,
    sources: readonly ts.SourceFile[],
    journals: Journals = noJournals,
  ) {
    this.checker = checker;
    for (const source of sources) {
      const journal = journals.of('shapes', source, (steps) => {
        this.journal = steps;
        this.related.clear();
        eachNode(source, SHAPING, (node) => this.visit(node));
      });
      for (const step of journal) this.repeat(step);
    }
  }

  private repeat(step: Step): void {
    const node = step[1] as ts.Node;
    switch (step[0]) {
      case 'join':
        this.addJoin(node, step[2] as ts.Node);
        break;
      case 'attributes':
        this.attributeRoots.add(this.root(node));
        break;
      case 'ordered':
        this.orderedRoots.add(this.root(node));
        break;
      case 'loose':
        this.looseRoots.add(this.root(node));
        break;
      case 'looseOrder':
        this.looseOrder = true;
    }
  }

  private root(node: ts.Node): ts.Node {
    let at = node;
    for (;;) {
      const up = this.parent.get(at);
      if (up === undefined) return at;
      at = up;
    }
  }

  private join(a: ts.Node, b: ts.Node): void {
    if (a !== b) this.journal.push(['join', a, b]);
  }

  private addJoin(a: ts.Node, b: ts.Node): void {
    const from = this.root(a);
    const to = this.root(b);
    if (from === to) return;
    this.parent.set(from, to);
    for (const set of [this.attributeRoots, this.orderedRoots, this.looseRoots]) {
      if (set.delete(from)) set.add(to);
    }
  }

  private register(node: ts.Node): void {
    if (ts.isClassLike(node) || isAmbient(node)) this.journal.push(['attributes', node]);
  }

  /** Layout of the object that a declaration of a member belongs to. */
  layoutOf(shape: ts.Node): Layout {
    if (ts.isClassLike(shape) || isAmbient(shape)) return 'attributes';
    return this.attributeRoots.has(this.root(shape)) ? 'attributes' : 'dict';
  }

  isOrdered(shape: ts.Node): boolean {
    const root = this.root(shape);
    return this.orderedRoots.has(root) || (this.looseOrder && this.looseRoots.has(root));
  }

  /** The shapes a type is made of. */
  shapesOf(type: ts.Type): ShapeNode[] {
    if (type.isUnionOrIntersection()) return type.types.flatMap((part) => this.shapesOf(part));
    return (type.symbol?.declarations ?? []).filter(isShapeNode);
  }

  private idOf(type: ts.Type): number {
    let id = this.ids.get(type);
    if (id === undefined) {
      id = this.ids.size;
      this.ids.set(type, id);
    }
    return id;
  }

  private markLoose(type: ts.Type, depth = 0): void {
    if (depth > 4) return;
    for (const shape of this.shapesOf(type)) {
      if (isLibDeclaration(shape)) continue;
      this.journal.push(['loose', shape]);
      if (!ts.isClassLike(shape)) {
        for (const property of type.getProperties()) {
          this.markLoose(this.checker.getTypeOfSymbol(property), depth + 1);
        }
      }
    }
    const element = this.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (element !== undefined && element !== type && (type.flags & ts.TypeFlags.Object) !== 0) {
      this.markLoose(element, depth + 1);
    }
  }

  /** A value of type `source` is given where `target` is expected. */
  relate(source: ts.Type, target: ts.Type): void {
    if (source === target || !mayHaveShape(source)) return;
    const key = `${String(this.idOf(source))}>${String(this.idOf(target))}`;
    if (this.related.has(key)) return;
    this.related.add(key);
    if (source.isUnion()) {
      for (const part of source.types) this.relate(part, target);
      return;
    }
    if (target.isUnion()) {
      for (const part of target.types) {
        if (this.checker.isTypeAssignableTo(source, part)) this.relate(source, part);
      }
      return;
    }
    if ((source.flags & ts.TypeFlags.TypeParameter) !== 0) {
      // The type of `this` is a parameter, too.
      const constraint = this.checker.getBaseConstraintOfType(source);
      if (constraint !== undefined && constraint !== source) this.relate(constraint, target);
      return;
    }
    if ((source.flags & ts.TypeFlags.Object) === 0) return;
    if (target.isIntersection()) {
      for (const part of target.types) this.relate(source, part);
      return;
    }
    if ((target.flags & ts.TypeFlags.TypeParameter) !== 0) {
      const constraint = this.checker.getBaseConstraintOfType(target);
      if (constraint !== undefined) this.relate(source, constraint);
      return;
    }
    if ((target.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) !== 0) {
      this.markLoose(source);
      return;
    }
    if ((target.flags & ts.TypeFlags.Object) === 0) return;
    this.relateObjects(source, target);
  }

  private relateObjects(source: ts.Type, target: ts.Type): void {
    const from = this.shapesOf(source).filter((shape) => !isLibDeclaration(shape));
    const to = this.shapesOf(target).filter((shape) => !isLibDeclaration(shape));
    for (const a of from) {
      this.register(a);
      for (const b of to) {
        this.register(b);
        this.join(a, b);
      }
    }
    const record = this.checker.getIndexTypeOfType(target, ts.IndexKind.String);
    if (record !== undefined) {
      this.markLoose(source);
      for (const property of source.getProperties()) {
        this.relate(this.checker.getTypeOfSymbol(property), record);
      }
    }
    const sourceArguments = this.argumentsOf(source);
    const targetArguments = this.argumentsOf(target);
    sourceArguments.forEach((argument, at) => {
      const other = targetArguments[at] ?? targetArguments[0];
      if (other !== undefined) this.relate(argument, other);
    });
    for (const property of target.getProperties()) {
      const declaration = property.declarations?.[0];
      if (declaration !== undefined && isLibDeclaration(declaration)) continue;
      const own = source.getProperty(property.name);
      if (own !== undefined) {
        this.relate(this.checker.getTypeOfSymbol(own), this.checker.getTypeOfSymbol(property));
      }
    }
    const call = target.getCallSignatures()[0];
    const ownCall = source.getCallSignatures()[0];
    if (call !== undefined && ownCall !== undefined) {
      this.relate(ownCall.getReturnType(), call.getReturnType());
      ownCall.getParameters().forEach((parameter, at) => {
        const given = call.getParameters()[at];
        if (given !== undefined) {
          this.relate(this.checker.getTypeOfSymbol(given), this.checker.getTypeOfSymbol(parameter));
        }
      });
    }
  }

  private argumentsOf(type: ts.Type): readonly ts.Type[] {
    if ((type.flags & ts.TypeFlags.Object) === 0) return [];
    if (((type as ts.ObjectType).objectFlags & ts.ObjectFlags.Reference) === 0) return [];
    return this.checker.getTypeArguments(type as ts.TypeReference);
  }

  private visit(node: ts.Node): void {
    if (ts.isClassLike(node)) this.visitClass(node);
    if (ts.isInterfaceDeclaration(node)) this.visitHeritage(node);
    if (ts.isExpression(node) && this.isGiven(node)) this.give(node);
    if (ts.isAsExpression(node) && node.type.getText() !== 'const') {
      const source = this.checker.getTypeAtLocation(node.expression);
      this.relate(source, this.checker.getTypeFromTypeNode(node.type));
    }
    if (ts.isSpreadAssignment(node)) this.visitSpread(node);
    if (ts.isObjectBindingPattern(node)) this.visitRest(node);
    if (ts.isCallExpression(node)) this.visitCall(node);
  }

  /** What is spread into a literal gives it its order. */
  private visitSpread(node: ts.SpreadAssignment): void {
    const from = this.shapesOf(this.checker.getTypeAtLocation(node.expression));
    for (const shape of from) {
      if (isLibDeclaration(shape)) continue;
      this.register(shape);
      this.join(shape, node.parent);
    }
  }

  /** `{ a, ...rest }`: the rest has the members' declarations of the whole, and its order. */
  private visitRest(node: ts.ObjectBindingPattern): void {
    const rest = node.elements.find((one) => one.dotDotDotToken !== undefined);
    if (rest === undefined) return;
    const whole = this.checker.getTypeAtLocation(node);
    const owners = this.checker
      .getTypeAtLocation(rest.name)
      .getProperties()
      .flatMap((one) => one.declarations?.map((declaration) => declaration.parent) ?? [])
      .filter(isShapeNode);
    for (const shape of [...this.shapesOf(whole), ...owners]) {
      if (!isLibDeclaration(shape)) this.journal.push(['ordered', shape]);
    }
  }

  private isGiven(node: ts.Expression): boolean {
    const parent = node.parent;
    if (ts.isPropertyAccessExpression(parent) || ts.isTypeNode(node)) return false;
    if (ts.isParenthesizedExpression(parent) || !mayBeWanted(node)) return false;
    return (
      ts.isObjectLiteralExpression(node) ||
      ts.isArrayLiteralExpression(node) ||
      ts.isIdentifier(node) ||
      ts.isPropertyAccessExpression(node) ||
      ts.isElementAccessExpression(node) ||
      ts.isCallExpression(node) ||
      ts.isNewExpression(node) ||
      ts.isConditionalExpression(node) ||
      ts.isArrowFunction(node) ||
      ts.isFunctionExpression(node) ||
      node.kind === ts.SyntaxKind.ThisKeyword
    );
  }

  private give(node: ts.Expression): void {
    const parent = node.parent;
    if (ts.isIdentifier(node) && isDeclarationName(node)) return;
    if (isDeclaredPlain(node, this.checker)) return;
    const source = this.checker.getTypeAtLocation(node);
    if (!mayHaveShape(source)) return;
    const target = this.checker.getContextualType(node);
    if (target !== undefined) this.relate(source, target);
    if (
      ts.isBinaryExpression(parent) &&
      parent.right === node &&
      parent.operatorToken.kind === ts.SyntaxKind.EqualsToken
    ) {
      this.relate(source, this.checker.getTypeAtLocation(parent.left));
    }
  }

  private visitClass(node: ts.ClassLikeDeclaration): void {
    this.journal.push(['attributes', node]);
    const type = this.checker.getTypeAtLocation(node);
    for (const clause of node.heritageClauses ?? []) {
      if (clause.token !== ts.SyntaxKind.ImplementsKeyword) continue;
      for (const item of clause.types) this.relate(type, this.checker.getTypeAtLocation(item));
    }
  }

  private visitHeritage(node: ts.InterfaceDeclaration): void {
    for (const clause of node.heritageClauses ?? []) {
      for (const item of clause.types) {
        for (const base of this.shapesOf(this.checker.getTypeAtLocation(item))) {
          if (!isLibDeclaration(base)) {
            this.register(base);
            this.join(node, base);
          }
        }
      }
    }
  }

  private visitCall(node: ts.CallExpression): void {
    const of = node.expression;
    if (ts.isPropertyAccessExpression(of) && ts.isIdentifier(of.expression)) {
      const full = `${of.expression.text}.${of.name.text}`;
      const first = node.arguments[0];
      if (
        first !== undefined &&
        (full === 'JSON.stringify' ||
          full === 'Object.keys' ||
          full === 'Object.entries' ||
          full === 'Object.values')
      ) {
        this.order(this.checker.getTypeAtLocation(first), full === 'JSON.stringify', new Set());
      }
    }
    if (ts.isPropertyAccessExpression(of) && of.getText() === 'Object.assign') {
      for (const one of node.arguments)
        this.order(this.checker.getTypeAtLocation(one), false, new Set());
    }
    if (node.arguments.length === 0) return;
    const signature = this.checker.getResolvedSignature(node);
    const declaration = signature?.declaration;
    if (declaration === undefined || isLibDeclaration(declaration)) return;
    declaration.parameters.forEach((parameter, at) => {
      const argument = node.arguments[at];
      if (argument === undefined || ts.isJSDocParameterTag(parameter)) return;
      if (parameter.type !== undefined && !parameter.dotDotDotToken) {
        this.relate(
          this.checker.getTypeAtLocation(argument),
          this.checker.getTypeAtLocation(parameter),
        );
      }
    });
  }

  private order(type: ts.Type, deep: boolean, seen: Set<ts.Type>): void {
    if (seen.has(type)) return;
    seen.add(type);
    if ((type.flags & (ts.TypeFlags.Unknown | ts.TypeFlags.NonPrimitive)) !== 0) {
      this.journal.push(['looseOrder']);
    }
    if (type.isUnionOrIntersection()) {
      for (const part of type.types) this.order(part, deep, seen);
      return;
    }
    for (const shape of this.shapesOf(type)) {
      if (!isLibDeclaration(shape)) this.journal.push(['ordered', shape]);
    }
    const record = this.checker.getIndexTypeOfType(type, ts.IndexKind.String);
    if (record !== undefined) {
      this.journal.push(['looseOrder']);
      if (deep) this.order(record, deep, seen);
    }
    if (!deep) return;
    const element = this.checker.getIndexTypeOfType(type, ts.IndexKind.Number);
    if (element !== undefined) this.order(element, deep, seen);
    for (const property of type.getProperties()) {
      const declaration = property.declarations?.[0];
      if (declaration === undefined || !isLibDeclaration(declaration)) {
        this.order(this.checker.getTypeOfSymbol(property), deep, seen);
      }
    }
  }
}
