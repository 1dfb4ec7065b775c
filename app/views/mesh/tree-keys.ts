/** Moving through the tree by keyboard, and finding nodes by text. */
import type { GraphNode } from '../../topology/graph.ts';
import type { Layout } from '../../topology/layout.ts';

/** The node an arrow key leads to: up to the parent, down to the first child, sideways along the layer; else null. */
export function neighbour(layout: Layout, from: string, key: string): string | null {
  const here = layout.placed.get(from);
  if (!here) return null;
  switch (key) {
    case 'ArrowUp':
      return here.parent;
    case 'ArrowDown':
      return here.children[0] ?? null;
    case 'ArrowLeft':
    case 'ArrowRight': {
      const layer = [...layout.placed.values()]
        .filter((place) => place.depth === here.depth)
        .sort((a, b) => a.x - b.x);
      const at = layer.findIndex((place) => place.mac === from);
      return layer[at + (key === 'ArrowLeft' ? -1 : 1)]?.mac ?? null;
    }
    case 'Home':
      return [...layout.placed.values()][0]?.mac ?? null;
    default:
      return null;
  }
}

export function matches(node: Pick<GraphNode, 'name' | 'zone' | 'mac'>, find: string): boolean {
  const wanted = find.trim().toLowerCase();
  return `${node.name} ${node.zone} ${node.mac}`.toLowerCase().includes(wanted);
}
