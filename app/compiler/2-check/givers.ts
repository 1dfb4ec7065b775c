import * as ts from 'typescript';
import type { Facts, Value } from './facts.ts';
import { isPrivate, type Members } from './members.ts';

/** What a variable, a parameter or a field is given, and what a function gives back, through the whole program. */
export class Givers {
  private readonly facts: Facts;
  private readonly members: Members;
  private readonly givers = new Map<ts.Symbol | ts.Node, readonly Value[] | undefined>();

  constructor(facts: Facts, members: Members) {
    this.facts = facts;
    this.members = members;
  }

  /** Everything that a holder is given anywhere; undefined when that is not all known. */
  of(of: ts.Symbol | ts.Node): readonly Value[] | undefined {
    if (this.givers.has(of)) return this.givers.get(of);
    const values = 'kind' in of ? this.resultsOf(of) : this.valuesOf(of);
    const found = values?.some((one) => one.kind === 'unknown') === true ? undefined : values;
    this.givers.set(of, found);
    return found;
  }

  private valuesOf(symbol: ts.Symbol): readonly Value[] | undefined {
    const declaration = symbol.valueDeclaration;
    const values = this.facts.values.get(symbol) ?? [];
    if (declaration === undefined) return undefined;
    if (ts.isVariableDeclaration(declaration)) return values.length === 0 ? undefined : values;
    if (ts.isPropertyDeclaration(declaration)) {
      const all = isPrivate(declaration) ? values : this.members.valuesOf(declaration);
      return all === undefined || all.length === 0 ? undefined : all;
    }
    if (!ts.isParameter(declaration) || !ts.isIdentifier(declaration.name)) return undefined;
    const given = this.argumentsOf(declaration);
    // The first of a parameter's values stands for its callers.
    return given === undefined ? undefined : [...given, ...values.slice(1)];
  }

  private argumentsOf(parameter: ts.ParameterDeclaration): readonly Value[] | undefined {
    if (parameter.dotDotDotToken !== undefined) return undefined;
    const at = parameter.parent.parameters.indexOf(parameter);
    const own = parameter.parent.parameters[0];
    if (own !== undefined && own.name.getText() === 'this') return undefined;
    const found: Value[] = [];
    if (parameter.initializer !== undefined) {
      found.push({ kind: 'expression', node: parameter.initializer });
    }
    for (const call of this.members.callersOf(parameter.parent) ?? [undefined]) {
      const args = call?.arguments ?? [];
      if (call === undefined || args.slice(0, at + 1).some(ts.isSpreadElement)) return undefined;
      const one = args[at];
      if (one !== undefined) found.push({ kind: 'expression', node: one });
    }
    return found;
  }

  private resultsOf(declaration: ts.Node): readonly Value[] | undefined {
    const found: Value[] = [];
    for (const one of this.members.targetsOf(declaration) ?? [undefined]) {
      if (one?.body === undefined || one.asteriskToken !== undefined) return undefined;
      found.push(...returnedBy(one.body));
    }
    return found;
  }
}

/** By the body of a function: the text alone says it. */
const returned = new WeakMap<ts.ConciseBody, readonly Value[]>();

function returnedBy(body: ts.ConciseBody): readonly Value[] {
  let known = returned.get(body);
  if (known === undefined) {
    const found: Value[] = [];
    const visit = (node: ts.Node): void => {
      if (ts.isReturnStatement(node)) {
        if (node.expression !== undefined)
          found.push({ kind: 'expression', node: node.expression });
      } else if (!ts.isFunctionLike(node)) ts.forEachChild(node, visit);
    };
    if (ts.isBlock(body)) visit(body);
    else found.push({ kind: 'expression', node: body });
    known = found;
    returned.set(body, known);
  }
  return known;
}
