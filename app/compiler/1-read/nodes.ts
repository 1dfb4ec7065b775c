/**
 * The nodes of a file as a list, in the order of the text, each before its parts. The phases look through every file a dozen
 * times, each for a few kinds of nodes: from the list they take those without going through the tree or touching the others.
 */
import * as ts from 'typescript';
import { ofEachSource } from './of-each-source.ts';

interface Nodes {
  readonly all: readonly ts.Node[];
  /** Of each node, and whether it is a type or a part of one. */
  readonly kinds: Uint16Array;
}

const IN_TYPE = 0x200;

/** By kind of node, and the same again for nodes in types: 1 for what is looked for. */
export type Kinds = Uint8Array;

/** Everywhere but in types. */
export function inCode(...kinds: readonly ts.SyntaxKind[]): Kinds {
  const found = new Uint8Array(2 * IN_TYPE);
  for (const kind of kinds) found[kind] = 1;
  return found;
}

export function everywhere(...kinds: readonly ts.SyntaxKind[]): Kinds {
  const found = inCode(...kinds);
  for (const kind of kinds) found[kind | IN_TYPE] = 1;
  return found;
}

export function eachNode(
  source: ts.SourceFile,
  kinds: Kinds,
  visit: (node: ts.Node) => void,
): void {
  const { all, kinds: own } = nodesOf(source);
  for (let at = 0; at < own.length; at++) {
    if (kinds[own[at]!] === 1) visit(all[at]!);
  }
}

const nodesOf = ofEachSource((source): Nodes => {
  const all: ts.Node[] = [];
  const kinds: number[] = [];
  let within = 0;
  const visit = (node: ts.Node): void => {
    const around = within;
    if (within === 0 && ts.isTypeNode(node)) within = IN_TYPE;
    all.push(node);
    kinds.push(node.kind | within);
    ts.forEachChild(node, visit);
    within = around;
  };
  visit(source);
  return { all, kinds: Uint16Array.from(kinds) };
});
