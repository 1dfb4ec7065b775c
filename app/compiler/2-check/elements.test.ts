import * as ts from 'typescript';
import { expect, it } from 'vitest';
import { readProgram } from '../1-read/read-program.ts';
import { elementOf, mayBeSame } from './elements.ts';

const TEXT = `
interface Named { name: string }
interface Timer { name: string; atMs: number }
interface Sized { length: number }
interface Other { kind: number; note?: string }
export function f<T>(
  numbers: number[], texts: string[], named: Named[], timers: Timer[], sized: Sized[], other: Other[],
  maybe: (Timer | null)[], anything: unknown[], generic: T[], lists: number[][], literals: ('a' | 'b')[],
): void {}
`;

const { program, checker } = readProgram({ 'main.ts': TEXT }, ['main.ts']);
const types = new Map<string, ts.Type>();
const visit = (node: ts.Node): void => {
  if (ts.isParameter(node)) {
    types.set(node.name.getText(), checker.getTypeAtLocation(node).getNumberIndexType()!);
  }
  ts.forEachChild(node, visit);
};
visit(program.getSourceFile('/main.ts')!);

const MAY: [string, string][] = [
  ['numbers', 'numbers'],
  ['named', 'timers'],
  ['timers', 'maybe'],
  ['texts', 'literals'],
  ['texts', 'sized'],
  ['lists', 'sized'],
  ['anything', 'numbers'],
  ['generic', 'timers'],
];
const MAY_NOT: [string, string][] = [
  ['numbers', 'texts'],
  ['numbers', 'timers'],
  ['other', 'timers'],
  ['lists', 'numbers'],
];

it.each(MAY)('a list of %s may be one of %s', (a, b) => {
  expect(mayBeSame(elementOf(types.get(a)!), elementOf(types.get(b)!))).toBe(true);
  expect(mayBeSame(elementOf(types.get(b)!), elementOf(types.get(a)!))).toBe(true);
});

it.each(MAY_NOT)('a list of %s is none of %s', (a, b) => {
  expect(mayBeSame(elementOf(types.get(a)!), elementOf(types.get(b)!))).toBe(false);
});
