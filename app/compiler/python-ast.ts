/** The small Python tree that lowering builds and the printer writes out. Only what MicroPython 1.19's compiler takes. */

export type Expr =
  /** `stable`: nothing assigns to it between here and its next use. */
  | { k: 'name'; name: string; stable?: boolean }
  | { k: 'number'; text: string }
  | { k: 'string'; value: string }
  | { k: 'bytes'; value: readonly number[] }
  | { k: 'constant'; value: 'None' | 'True' | 'False' }
  | { k: 'attribute'; of: Expr; name: string }
  | { k: 'index'; of: Expr; at: Expr }
  | { k: 'slice'; from?: Expr | undefined; to?: Expr | undefined }
  | { k: 'call'; of: Expr; args: readonly Expr[]; keywords?: readonly Keyword[] | undefined }
  | { k: 'star'; of: Expr }
  | { k: 'binary'; op: BinaryOperator; left: Expr; right: Expr }
  | { k: 'unary'; op: '-' | '~' | 'not'; of: Expr }
  | { k: 'conditional'; test: Expr; yes: Expr; no: Expr }
  | { k: 'lambda'; parameters: readonly Parameter[]; body: Expr }
  | { k: 'list'; items: readonly Expr[] }
  | { k: 'tuple'; items: readonly Expr[] }
  | { k: 'dict'; entries: readonly (readonly [Expr, Expr])[] }
  | { k: 'comprehension'; item: Expr; target: Expr; over: Expr; test?: Expr | undefined }
  | { k: 'walrus'; name: string; value: Expr }
  | { k: 'yield'; value?: Expr | undefined; from: boolean };

export type BinaryOperator =
  | 'or'
  | 'and'
  | '<'
  | '<='
  | '>'
  | '>='
  | '=='
  | '!='
  | 'is'
  | 'is not'
  | 'in'
  | 'not in'
  | '|'
  | '^'
  | '&'
  | '<<'
  | '>>'
  | '+'
  | '-'
  | '*'
  | '/'
  | '//'
  | '%'
  | '**';

export interface Keyword {
  name: string;
  value: Expr;
}

export interface Parameter {
  name: string;
  star?: boolean;
  fallback?: Expr | undefined;
}

/** `line` is the TypeScript line (1-based) a statement came from, 0 for none. */
export type Stmt = { line: number } & (
  | { k: 'expression'; value: Expr }
  | { k: 'assign'; targets: readonly Expr[]; value: Expr }
  | { k: 'augmented'; target: Expr; op: BinaryOperator; value: Expr }
  | { k: 'if'; test: Expr; yes: readonly Stmt[]; no: readonly Stmt[] }
  | { k: 'while'; test: Expr; body: readonly Stmt[] }
  | { k: 'for'; target: Expr; over: Expr; body: readonly Stmt[] }
  | {
      k: 'function';
      name: string;
      decorator?: string | undefined;
      parameters: readonly Parameter[];
      body: readonly Stmt[];
    }
  | { k: 'class'; name: string; bases: readonly Expr[]; body: readonly Stmt[] }
  | { k: 'return'; value?: Expr | undefined }
  | { k: 'raise'; value?: Expr | undefined }
  | {
      k: 'try';
      body: readonly Stmt[];
      caught?: { type: Expr; name?: string | undefined; body: readonly Stmt[] } | undefined;
      last: readonly Stmt[];
    }
  | { k: 'scope'; kind: 'global' | 'nonlocal'; names: readonly string[] }
  | { k: 'import'; module: string; as?: string | undefined }
  | { k: 'from'; module: string; names: readonly { name: string; as?: string | undefined }[] }
  | { k: 'delete'; target: Expr }
  | { k: 'pass' }
  | { k: 'break' }
  | { k: 'continue' }
);

export const none: Expr = { k: 'constant', value: 'None' };
export const yes: Expr = { k: 'constant', value: 'True' };
export const no: Expr = { k: 'constant', value: 'False' };

export const name = (text: string): Expr => ({ k: 'name', name: text });
export const number = (value: number): Expr => ({ k: 'number', text: numberText(value) });
export const string = (value: string): Expr => ({ k: 'string', value });
export const attribute = (of: Expr, member: string): Expr => ({
  k: 'attribute',
  of,
  name: member,
});
export const index = (of: Expr, at: Expr): Expr => ({ k: 'index', of, at });
export const slice = (of: Expr, from?: Expr, to?: Expr): Expr => ({
  k: 'index',
  of,
  at: { k: 'slice', from, to },
});
export const call = (of: Expr | string, ...args: Expr[]): Expr => ({
  k: 'call',
  of: typeof of === 'string' ? name(of) : of,
  args,
});
export const method = (of: Expr, member: string, ...args: Expr[]): Expr =>
  call(attribute(of, member), ...args);
export const binary = (op: BinaryOperator, left: Expr, right: Expr): Expr => ({
  k: 'binary',
  op,
  left,
  right,
});
export const conditional = (test: Expr, whenTrue: Expr, whenFalse: Expr): Expr => ({
  k: 'conditional',
  test,
  yes: whenTrue,
  no: whenFalse,
});
export const isNone = (of: Expr): Expr => binary('is', of, none);
export const isNotNone = (of: Expr): Expr => binary('is not', of, none);

const OPPOSITE: Partial<Record<BinaryOperator, BinaryOperator>> = {
  '==': '!=',
  '!=': '==',
  is: 'is not',
  'is not': 'is',
  in: 'not in',
  'not in': 'in',
};

/** `not of`, folded where Python has an operator for it. */
export function not(of: Expr): Expr {
  if (of.k === 'binary') {
    const opposite = OPPOSITE[of.op];
    if (opposite !== undefined) return { ...of, op: opposite };
  }
  if (of.k === 'unary' && of.op === 'not') return of.of;
  if (of === yes) return no;
  if (of === no) return yes;
  return { k: 'unary', op: 'not', of };
}

function numberText(value: number): string {
  if (Number.isInteger(value)) {
    if (Math.abs(value) < 1e21) return BigInt(value).toString();
    return String(value);
  }
  return String(value);
}

/** Reading it twice costs little and gives the same value: a name, a literal, an attribute of self. */
export function isSimple(of: Expr): boolean {
  return (
    of.k === 'name' ||
    of.k === 'number' ||
    of.k === 'constant' ||
    of.k === 'string' ||
    (of.k === 'unary' && of.op === '-' && of.of.k === 'number')
  );
}

/** A literal: evaluating it has no effect and no statement in between can change it. */
export function isLiteral(of: Expr): boolean {
  return (
    of.k === 'number' ||
    of.k === 'constant' ||
    of.k === 'string' ||
    of.k === 'bytes' ||
    of.k === 'lambda' ||
    (of.k === 'name' && of.stable === true) ||
    (of.k === 'unary' && of.op === '-' && of.of.k === 'number')
  );
}
