type Token = { kind: 'number'; value: number } | { kind: 'op'; text: string } | { kind: 'end' };
function tokenize(text: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < text.length) {
    const ch = text[at];
    if (ch === undefined) break;
    if (ch === ' ') {
      at++;
      continue;
    }
    if (ch >= '0' && ch <= '9') {
      let value = 0;
      while (at < text.length && text[at]! >= '0' && text[at]! <= '9') {
        value = value * 10 + text.charCodeAt(at) - 48;
        at++;
      }
      tokens.push({ kind: 'number', value });
      continue;
    }
    tokens.push({ kind: 'op', text: ch });
    at++;
  }
  tokens.push({ kind: 'end' });
  return tokens;
}
class Parser {
  private at = 0;
  private readonly tokens: readonly Token[];
  constructor(tokens: readonly Token[]) {
    this.tokens = tokens;
  }
  private peek(): Token {
    return this.tokens[this.at] ?? { kind: 'end' };
  }
  private accept(text: string): boolean {
    const t = this.peek();
    if (t.kind === 'op' && t.text === text) {
      this.at++;
      return true;
    }
    return false;
  }
  expression(): number {
    let value = this.term();
    for (;;) {
      if (this.accept('+')) value += this.term();
      else if (this.accept('-')) value -= this.term();
      else return value;
    }
  }
  term(): number {
    let value = this.factor();
    while (true) {
      if (this.accept('*')) value *= this.factor();
      else if (this.accept('/')) {
        const d = this.factor();
        if (d === 0) throw new RangeError('division by zero');
        value = Math.trunc(value / d);
      } else if (this.accept('%')) value %= this.factor();
      else break;
    }
    return value;
  }
  factor(): number {
    const t = this.peek();
    if (t.kind === 'number') {
      this.at++;
      return t.value;
    }
    if (this.accept('-')) return -this.factor();
    if (this.accept('(')) {
      const v = this.expression();
      if (!this.accept(')')) throw new Error('expected )');
      return v;
    }
    throw new SyntaxProblem(`unexpected ${t.kind === 'op' ? t.text : 'end'}`, this.at);
  }
}
class SyntaxProblem extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.name = 'SyntaxProblem';
    this.at = at;
  }
}
for (const text of [
  '1 + 2 * 3',
  '(1+2)*3',
  '2*(3+4)-10/3',
  '-7 / 2',
  '7 % 4 - -3',
  '1 +',
  '4/0',
  '(1',
  '*',
]) {
  try {
    console.log(text, '=', new Parser(tokenize(text)).expression());
  } catch (e) {
    if (e instanceof SyntaxProblem) console.log(e.name, e.message, e.at);
    else if (e instanceof RangeError) console.log('range', e.message, e.name);
    else if (e instanceof Error) console.log('error', e.message);
  }
}
