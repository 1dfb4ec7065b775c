/** The fleet's plan against what is seen: who is missing, who is a stranger. */
import { presence, type Graph, type GraphNode } from './graph.ts';

export interface ExpectedNode {
  readonly mac: string;
  readonly name: string;
}

export interface Comparison {
  /** Expected, and in the picture but lost, or never seen at all. */
  readonly missing: readonly ExpectedNode[];
  /** Seen, not in the plan. */
  readonly unknown: readonly GraphNode[];
  readonly present: number;
}

export function compareWithPlan(
  graph: Graph,
  expected: readonly ExpectedNode[],
  nowMs: number,
): Comparison {
  const planned = new Set(expected.map((node) => node.mac));
  const isHere = (mac: string): boolean => {
    const node = graph.nodes.get(mac);
    return node !== undefined && presence(node, nowMs) !== 'lost';
  };
  const missing = expected.filter((node) => !isHere(node.mac));
  const unknown = [...graph.nodes.values()].filter(
    (node) => !planned.has(node.mac) && isHere(node.mac),
  );
  return { missing, unknown, present: expected.length - missing.length };
}
