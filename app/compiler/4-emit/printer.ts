import {
  not,
  type BinaryOperator,
  type Expr,
  type Keyword,
  type Parameter,
  type Stmt,
} from '../python-ast.ts';

/** Binding strength, as in the Python reference, section 6.17; higher binds tighter. */
const STRENGTH: Record<BinaryOperator, number> = {
  or: 4,
  and: 5,
  in: 7,
  'not in': 7,
  is: 7,
  'is not': 7,
  '<': 7,
  '<=': 7,
  '>': 7,
  '>=': 7,
  '==': 7,
  '!=': 7,
  '|': 8,
  '^': 9,
  '&': 10,
  '<<': 11,
  '>>': 11,
  '+': 12,
  '-': 12,
  '*': 13,
  '/': 13,
  '//': 13,
  '%': 13,
  '**': 15,
};
const WALRUS = 1;
const LAMBDA = 2;
const CONDITIONAL = 3;
const NOT = 6;
const SIGN = 14;
const ATOM = 17;

export interface Printed {
  text: string;
  /** lineMap[pythonLine - 1] is the TypeScript line, 0 for none. */
  lineMap: number[];
}

export function print(statements: readonly Stmt[]): Printed {
  const lines: string[] = [];
  const lineMap: number[] = [];
  const put = (depth: number, text: string, line: number): void => {
    lines.push(' '.repeat(depth) + text);
    lineMap.push(line);
  };
  block(statements, 0, put);
  return { text: lines.join('\n') + '\n', lineMap };
}

type Put = (depth: number, text: string, line: number) => void;

function suite(statements: readonly Stmt[], depth: number, line: number, put: Put): void {
  if (statements.length === 0) put(depth, 'pass', line);
  else block(statements, depth, put);
}

function block(statements: readonly Stmt[], depth: number, put: Put): void {
  for (const statement of statements) printStatement(statement, depth, put);
}

function printStatement(s: Stmt, depth: number, put: Put): void {
  switch (s.k) {
    case 'expression':
      put(depth, text(s.value, 0), s.line);
      break;
    case 'assign':
      put(
        depth,
        [...s.targets, s.value]
          .map((part) => (part.k === 'tuple' ? bareTuple(part.items) : text(part, LAMBDA)))
          .join(' = '),
        s.line,
      );
      break;
    case 'augmented':
      put(depth, `${text(s.target, ATOM)} ${s.op}= ${text(s.value, LAMBDA)}`, s.line);
      break;
    case 'if':
      printIf(s, depth, put, 'if');
      break;
    case 'while':
      put(depth, `while ${text(truth(s.test), WALRUS)}:`, s.line);
      suite(s.body, depth + 1, s.line, put);
      break;
    case 'for':
      put(
        depth,
        `for ${s.target.k === 'tuple' ? bareTuple(s.target.items) : text(s.target, ATOM)} in ${text(s.over, CONDITIONAL)}:`,
        s.line,
      );
      suite(s.body, depth + 1, s.line, put);
      break;
    case 'function':
      if (s.decorator !== undefined) put(depth, `@${s.decorator}`, s.line);
      put(depth, `def ${s.name}(${s.parameters.map(parameter).join(', ')}):`, s.line);
      suite(s.body, depth + 1, s.line, put);
      break;
    case 'class':
      put(
        depth,
        `class ${s.name}${s.bases.length === 0 ? '' : `(${s.bases.map((base) => text(base, 0)).join(', ')})`}:`,
        s.line,
      );
      suite(s.body, depth + 1, s.line, put);
      break;
    case 'return':
      put(depth, s.value === undefined ? 'return' : `return ${text(s.value, LAMBDA)}`, s.line);
      break;
    case 'raise':
      put(depth, s.value === undefined ? 'raise' : `raise ${text(s.value, LAMBDA)}`, s.line);
      break;
    case 'try':
      put(depth, 'try:', s.line);
      suite(s.body, depth + 1, s.line, put);
      if (s.caught !== undefined) {
        const { type, name, body } = s.caught;
        put(depth, `except ${text(type, ATOM)}${name === undefined ? '' : ` as ${name}`}:`, s.line);
        suite(body, depth + 1, s.line, put);
      }
      if (s.last.length > 0 || s.caught === undefined) {
        put(depth, 'finally:', s.line);
        suite(s.last, depth + 1, s.line, put);
      }
      break;
    case 'scope':
      put(depth, `${s.kind} ${s.names.join(', ')}`, s.line);
      break;
    case 'import':
      put(depth, `import ${s.module}${s.as === undefined ? '' : ` as ${s.as}`}`, s.line);
      break;
    case 'from':
      put(
        depth,
        `from ${s.module} import ${s.names
          .map((item) =>
            item.as === undefined || item.as === item.name
              ? item.name
              : `${item.name} as ${item.as}`,
          )
          .join(', ')}`,
        s.line,
      );
      break;
    case 'delete':
      put(depth, `del ${text(s.target, ATOM)}`, s.line);
      break;
    case 'pass':
    case 'break':
    case 'continue':
      put(depth, s.k, s.line);
      break;
  }
}

function printIf(s: Stmt & { k: 'if' }, depth: number, put: Put, word: 'if' | 'elif'): void {
  put(depth, `${word} ${text(truth(s.test), WALRUS)}:`, s.line);
  suite(s.yes, depth + 1, s.line, put);
  const only = s.no[0];
  if (s.no.length === 1 && only?.k === 'if') printIf(only, depth, put, 'elif');
  else if (s.no.length > 0) {
    put(depth, 'else:', s.line);
    block(s.no, depth + 1, put);
  }
}

function parameter(p: Parameter): string {
  if (p.star === true) return `*${p.name}`;
  return p.fallback === undefined ? p.name : `${p.name}=${text(p.fallback, LAMBDA)}`;
}

const SIZES: Partial<Record<BinaryOperator, [than: string, isFilled: boolean]>> = {
  '>': ['0', true],
  '!=': ['0', true],
  '>=': ['1', true],
  '==': ['0', false],
  '<': ['1', false],
};

/** A condition where only its truth counts: what has a length is true by itself unless it is empty. */
function truth(e: Expr): Expr {
  if (e.k === 'unary' && e.op === 'not') return not(truth(e.of));
  if (e.k !== 'binary') return e;
  if (e.op === 'and' || e.op === 'or') {
    return { ...e, left: truth(e.left), right: truth(e.right) };
  }
  const [than, isFilled] = SIZES[e.op] ?? [];
  const { left, right } = e;
  if (right.k !== 'number' || right.text !== than) return e;
  if (left.k !== 'call' || left.of.k !== 'name' || left.of.name !== 'len') return e;
  const [of] = left.args;
  if (of === undefined || left.args.length !== 1) return e;
  return isFilled === true ? of : not(of);
}

function bareTuple(items: readonly Expr[]): string {
  const only = items[0];
  if (only === undefined) return '()';
  if (items.length === 1) return `${text(only, LAMBDA)},`;
  return items.map((item) => text(item, LAMBDA)).join(', ');
}

function list(items: readonly Expr[]): string {
  return items.map((item) => text(item, WALRUS)).join(', ');
}

/** The text of `e`, in parentheses when it binds weaker than `needed`. */
export function text(e: Expr, needed: number): string {
  const [written, strength] = write(e);
  return strength < needed ? `(${written})` : written;
}

function write(e: Expr): [string, number] {
  switch (e.k) {
    case 'name':
      return [e.name, ATOM];
    case 'number':
      return [e.text, e.text.startsWith('-') ? SIGN : ATOM];
    case 'string':
      return [stringLiteral(e.value), ATOM];
    case 'bytes':
      return [bytesLiteral(e.value), ATOM];
    case 'constant':
      return [e.value, ATOM];
    case 'attribute':
      return [`${e.of.k === 'number' ? `(${text(e.of, 0)})` : text(e.of, ATOM)}.${e.name}`, ATOM];
    case 'index':
      return [`${text(e.of, ATOM)}[${text(e.at, e.at.k === 'tuple' ? 0 : LAMBDA)}]`, ATOM];
    case 'slice':
      return [
        `${e.from === undefined ? '' : text(e.from, CONDITIONAL)}:${e.to === undefined ? '' : text(e.to, CONDITIONAL)}`,
        ATOM,
      ];
    case 'call':
      return [`${text(e.of, ATOM)}(${callArguments(e.args, e.keywords)})`, ATOM];
    case 'star':
      return [`*${text(e.of, STRENGTH['|'])}`, ATOM];
    case 'binary':
      return writeBinary(e);
    case 'unary':
      return e.op === 'not'
        ? [`not ${text(e.of, NOT)}`, NOT]
        : [`${e.op}${text(e.of, SIGN)}`, SIGN];
    case 'conditional':
      return [
        `${text(e.yes, STRENGTH.or)} if ${text(truth(e.test), STRENGTH.or)} else ${text(e.no, CONDITIONAL)}`,
        CONDITIONAL,
      ];
    case 'lambda':
      return [
        `lambda${e.parameters.length === 0 ? '' : ' '}${e.parameters.map(parameter).join(', ')}: ${text(e.body, LAMBDA)}`,
        LAMBDA,
      ];
    case 'list':
      return [`[${list(e.items)}]`, ATOM];
    case 'tuple':
      return [`(${bareTuple(e.items).replace(/^\(\)$/, '')})`, ATOM];
    case 'dict':
      return [
        `{${e.entries.map(([key, value]) => `${text(key, LAMBDA)}: ${text(value, LAMBDA)}`).join(', ')}}`,
        ATOM,
      ];
    case 'comprehension':
      return [
        `[${text(e.item, LAMBDA)} for ${e.target.k === 'tuple' ? bareTuple(e.target.items) : text(e.target, ATOM)} in ${text(e.over, STRENGTH.or)}${e.test === undefined ? '' : ` if ${text(truth(e.test), STRENGTH.or)}`}]`,
        ATOM,
      ];
    case 'walrus':
      // Always in parentheses: legal in every position.
      return [`(${e.name} := ${text(e.value, LAMBDA)})`, ATOM];
    case 'yield':
      return [
        `(yield${e.from ? ' from' : ''}${e.value === undefined ? '' : ` ${text(e.value, LAMBDA)}`})`,
        ATOM,
      ];
  }
}

function writeBinary(e: Expr & { k: 'binary' }): [string, number] {
  const strength = STRENGTH[e.op];
  // Comparisons chain in Python: both sides need parentheses. ** binds to the right.
  const comparison = strength === STRENGTH['<'];
  const left = comparison || e.op === '**' ? strength + 1 : strength;
  const right = e.op === '**' ? strength - 1 : strength + 1;
  return [`${text(e.left, left)} ${e.op} ${text(e.right, right)}`, strength];
}

function callArguments(args: readonly Expr[], keywords: readonly Keyword[] | undefined): string {
  const parts = args.map((item) => text(item, WALRUS));
  for (const keyword of keywords ?? []) {
    parts.push(`${keyword.name}=${text(keyword.value, LAMBDA)}`);
  }
  return parts.join(', ');
}

const ESCAPES: Record<string, string> = {
  '\\': '\\\\',
  "'": "\\'",
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
};

export function stringLiteral(value: string): string {
  let written = "'";
  for (const character of value) {
    const code = character.codePointAt(0) ?? 0;
    const escape = ESCAPES[character];
    if (escape !== undefined) written += escape;
    else if (code < 0x20 || code === 0x7f) written += `\\x${code.toString(16).padStart(2, '0')}`;
    else if (code >= 0xd800 && code <= 0xdfff) written += `\\u${code.toString(16)}`;
    else written += character;
  }
  return `${written}'`;
}

function bytesLiteral(value: readonly number[]): string {
  let written = "b'";
  for (const byte of value) {
    const character = String.fromCharCode(byte);
    const escape = ESCAPES[character];
    if (escape !== undefined) written += escape;
    else if (byte < 0x20 || byte > 0x7e) written += `\\x${byte.toString(16).padStart(2, '0')}`;
    else written += character;
  }
  return `${written}'`;
}
