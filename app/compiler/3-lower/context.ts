import * as ts from 'typescript';
import type { Constants } from '../2-check/constants.ts';
import type { Facts } from '../2-check/facts.ts';
import type { Fractions } from '../2-check/fractions.ts';
import type { NumberRanges } from '../2-check/number-ranges.ts';
import type { PlainMaps } from '../2-check/plain-maps.ts';
import type { Shapes } from '../2-check/shapes.ts';
import type { Specials } from '../2-check/specials.ts';
import type { Switches } from '../2-check/switches.ts';
import type { DiagnosticCode } from '../diagnostics.ts';
import { isLiteral, isSimple, name, none, type Expr, type Stmt } from '../python-ast.ts';
import type { ClassLayout } from '../4-emit/bytecode/namespaces.ts';
import type { HelperName } from '../4-emit/runtime-helpers.ts';
import type { Names } from './names.ts';

/** A statement without its line; the context adds it. */
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;
export type BareStmt = DistributiveOmit<Stmt, 'line'>;

/** A TypeScript loop, switch or label that break and continue may aim at. */
export interface Target {
  node: ts.Node;
  labels: readonly string[];
  /** A Python loop stands for it; a switch whose breaks all end a case has none. */
  isPythonLoop: boolean;
  isSwitch: boolean;
  /** A labelled block: only a break with its label ends it. */
  isBlock: boolean;
  /** What runs between `continue` and the next round. */
  beforeContinue: () => Stmt[];
  /** Set while loops inside it jump past themselves. */
  flag: string | undefined;
  /** Jumps out of this loop to an outer one: to whom. */
  crossings: Set<Target>;
}

export interface FunctionScope {
  node: ts.Node;
  temporaries: number;
  outerNames: Map<string, 'global' | 'nonlocal'>;
  targets: Target[];
  parent: FunctionScope | undefined;
}

export interface ModuleState {
  source: ts.SourceFile;
  helpers: Set<HelperName>;
  /** Python module -> names taken from it. */
  imports: Map<string, Map<string, string>>;
  classes: ClassLayout[];
}

export interface Tools {
  checker: ts.TypeChecker;
  facts: Facts;
  constants: Constants;
  switches: Switches;
  fractions: Fractions;
  specials: Specials;
  ranges: NumberRanges;
  plainMaps: PlainMaps;
  shapes: Shapes;
  names: Names;
  report(code: DiagnosticCode, node: ts.Node, what: string): void;
  moduleName(source: ts.SourceFile): string;
  /** All modules become one Python module: they need no imports of each other. */
  isBundle: boolean;
  /** Something that the build needs asks for the member. */
  isNeeded(member: ts.ClassElement): boolean;
  expressionTable(node: ts.Expression, c: Context): Expr;
  statementTable(node: ts.Statement, c: Context): Stmt[];
}

/** What a construct's file needs to turn its node into Python. One per module. */
export class Context {
  readonly tools: Tools;
  readonly checker: ts.TypeChecker;
  readonly facts: Facts;
  readonly module: ModuleState;
  scope: FunctionScope;
  /** Statements that must run before the expression in the making. */
  before: Stmt[] = [];
  line = 0;

  constructor(tools: Tools, source: ts.SourceFile) {
    this.tools = tools;
    this.checker = tools.checker;
    this.facts = tools.facts;
    this.module = { source, helpers: new Set(), imports: new Map(), classes: [] };
    this.scope = {
      node: source,
      temporaries: 0,
      outerNames: new Map(),
      targets: [],
      parent: undefined,
    };
  }

  refuse(code: DiagnosticCode, node: ts.Node, what = ''): Expr {
    this.tools.report(code, node, what);
    return none;
  }

  type(node: ts.Node): ts.Type {
    return this.checker.getTypeAtLocation(node);
  }

  s(statement: BareStmt): Stmt {
    return { ...statement, line: this.line } as Stmt;
  }

  assign(target: Expr, value: Expr): Stmt {
    return this.s({ k: 'assign', targets: [target], value });
  }

  run(value: Expr): Stmt {
    return this.s({ k: 'expression', value });
  }

  expression(node: ts.Expression): Expr {
    return this.tools.expressionTable(node, this);
  }

  statement(node: ts.Statement): Stmt[] {
    const saved = this.before;
    const line = this.line;
    this.before = [];
    this.line = lineOf(node);
    const made = this.tools.statementTable(node, this);
    const all = [...this.before, ...made];
    this.before = saved;
    this.line = line;
    return all;
  }

  /** Lowers apart: what must run before the value is handed back instead of being queued. */
  apart<T>(make: () => T): { before: Stmt[]; value: T } {
    const saved = this.before;
    this.before = [];
    const value = make();
    const before = this.before;
    this.before = saved;
    return { before, value };
  }

  /** Operands left to right: earlier ones are kept in temporaries when a later one needs statements. */
  sequence(makers: readonly (() => Expr)[]): Expr[] {
    const values: Expr[] = [];
    for (const make of makers) {
      const { before, value } = this.apart(make);
      if (before.some((statement) => statement.k !== 'function')) {
        for (let at = 0; at < values.length; at++) {
          const earlier = values[at];
          if (earlier === undefined || isLiteral(earlier) || this.keeps(earlier, before)) continue;
          values[at] =
            earlier.k === 'star' ? { k: 'star', of: this.keep(earlier.of) } : this.keep(earlier);
        }
      }
      this.before.push(...before);
      values.push(value);
    }
    return values;
  }

  /** A variable of this function that no other function sees keeps its value through statements that do not assign it. */
  keeps(value: Expr, statements: readonly Stmt[]): boolean {
    if (value.k !== 'name' || this.scope.outerNames.has(value.name)) return false;
    if (ts.isSourceFile(this.scope.node) || assigns(statements, value.name)) return false;
    for (const one of this.facts.ownedBy(this.scope.node)) {
      if (this.tools.names.of(one.symbol) === value.name) return !one.captured;
    }
    return false;
  }

  operands(nodes: readonly ts.Expression[]): Expr[] {
    return this.sequence(nodes.map((node) => () => this.expression(node)));
  }

  temporary(): string {
    this.scope.temporaries += 1;
    return `_${String(this.scope.temporaries)}`;
  }

  /** The value in a temporary, computed now. */
  keep(value: Expr): Expr {
    if (isLiteral(value)) return value;
    const kept: Expr = { k: 'name', name: this.temporary(), stable: true };
    this.before.push(this.assign(kept, value));
    return kept;
  }

  /** As it is when reading it twice is harmless, else in a temporary. */
  twice(value: Expr): Expr {
    return isSimple(value) ? value : this.keep(value);
  }

  /** A helper of `_rt` as a value. Its name starts with _ so that no variable of the program hides it. */
  use(helper: HelperName): Expr {
    this.module.helpers.add(helper);
    return name(localHelperName(helper));
  }

  helper(helper: HelperName, ...args: Expr[]): Expr {
    return { k: 'call', of: this.use(helper), args };
  }

  /** A name out of another Python module; `preferred` is its name here unless that is taken. */
  import(module: string, member: string, preferred = member): Expr {
    let names = this.module.imports.get(module);
    if (names === undefined) {
      names = new Map();
      this.module.imports.set(module, names);
    }
    for (const [as, known] of names)
      if (known === member) return { k: 'name', name: as, stable: true };
    let as = preferred;
    for (let n = 2; this.isTaken(as); n++) as = `${preferred}_${String(n)}`;
    names.set(as, member);
    return { k: 'name', name: as, stable: true };
  }

  private isTaken(text: string): boolean {
    for (const names of this.module.imports.values()) if (names.has(text)) return true;
    return this.facts
      .ownedBy(this.module.source)
      .some((variable) => this.tools.names.of(variable.symbol) === text);
  }

  /** Python name of a variable read or called. */
  variable(symbol: ts.Symbol): Expr {
    return name(this.tools.names.of(symbol));
  }

  /** Python name of a variable about to be assigned: declares it nonlocal or global where it belongs to someone else. */
  assigned(symbol: ts.Symbol): Expr {
    const text = this.tools.names.of(symbol);
    const owner = this.facts.variables.get(symbol)?.owner;
    if (owner !== undefined && owner !== this.scope.node) {
      this.scope.outerNames.set(text, ts.isSourceFile(owner) ? 'global' : 'nonlocal');
    }
    return name(text);
  }

  inFunction<T>(node: ts.Node, make: () => T): { value: T; scope: FunctionScope } {
    const saved = this.before;
    const parent = this.scope;
    this.before = [];
    this.scope = { node, temporaries: 0, outerNames: new Map(), targets: [], parent };
    // A nested function's temporaries must not hide those it may read from outside.
    this.scope.temporaries = ts.isSourceFile(parent.node) ? 0 : parent.temporaries + 20;
    const value = make();
    const scope = this.scope;
    this.scope = parent;
    this.before = saved;
    return { value, scope };
  }
}

/** Some statement in there assigns to the name. */
function assigns(part: unknown, name: string): boolean {
  if (Array.isArray(part)) return part.some((one) => assigns(one, name));
  if (typeof part !== 'object' || part === null) return false;
  const node = part as Partial<Record<string, unknown>>;
  const isIt = (of: unknown): boolean =>
    JSON.stringify(of ?? null).includes(`"name":${JSON.stringify(name)}`);
  switch (node['k']) {
    case 'assign':
      if (isIt(node['targets'])) return true;
      break;
    case 'augmented':
    case 'for':
    case 'delete':
      if (isIt(node['target'])) return true;
      break;
    case 'walrus':
    case 'function':
      if (node['name'] === name) return true;
      break;
    case 'try':
      if (isIt(node['caught'])) return true;
  }
  return Object.values(node).some((one) => assigns(one, name));
}

export const localHelperName = (helper: string): string => `_${helper.replace(/_$/, '')}`;

export function lineOf(node: ts.Node): number {
  const source = node.getSourceFile();
  return source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
}
