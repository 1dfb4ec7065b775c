import * as ts from 'typescript';
import { skipParentheses } from '../../2-check/facts.ts';
import { binary, call, type Expr } from '../../python-ast.ts';
import { argumentMakers } from '../calls.ts';
import type { Context } from '../context.ts';
import { flooredDivision, isNeverZero, truncatedDivision } from '../numbers.ts';

const isDivision = (node: ts.Expression): node is ts.BinaryExpression =>
  ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.SlashToken;

export function lowerMathCall(node: ts.CallExpression, member: string, c: Context): Expr {
  const only = node.arguments[0];
  if (only !== undefined && !ts.isSpreadElement(only)) {
    const inner = skipParentheses(only);
    const rounds =
      member === 'floor' || member === 'trunc' || member === 'ceil' || member === 'round';
    if (rounds && c.tools.constants.of(node) === undefined) {
      if (isDivision(inner) && member === 'floor') return flooredDivision(inner, c);
      if (isDivision(inner) && member === 'trunc') return truncatedDivision(inner, c);
      if (isDivision(inner) && member === 'ceil') {
        const { left, right } = inner;
        const divisor = c.tools.ranges.of(right);
        if (c.tools.ranges.of(left).whole && divisor.whole && isNeverZero(divisor)) {
          const [a, b] = c.operands([left, right]) as [Expr, Expr];
          return { k: 'unary', op: '-', of: binary('//', { k: 'unary', op: '-', of: a }, b) };
        }
      }
    }
  }
  const args = c.sequence(argumentMakers(node, c));
  const first = args[0] as Expr;
  switch (member) {
    case 'abs':
      return call('abs', first);
    case 'min':
    case 'max':
      if (args.length === 0 || args.some((one) => one.k === 'star')) {
        return c.helper(member === 'min' ? 'least' : 'most', ...args);
      }
      return args.length === 1 ? first : { k: 'call', of: { k: 'name', name: member }, args };
    case 'trunc':
      return c.helper('trunc', first);
    case 'floor':
    case 'ceil':
      return c.helper(member, first);
    case 'sqrt':
    case 'log':
    case 'log2':
    case 'log10':
      return call(c.import('math', member, `math_${member}`), first);
    case 'round':
      return c.helper('round_', first);
    case 'sign':
      return c.helper('sign', first);
    case 'imul':
      return c.helper('imul', first, args[1] as Expr);
    case 'clz32':
      return c.helper('clz32', first);
    case 'pow':
      return binary('**', first, args[1] as Expr);
    default:
      return c.refuse('unsupported-member', node, `Math.${member}`);
  }
}
