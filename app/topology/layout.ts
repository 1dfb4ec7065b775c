/**
 * Where each node is drawn: the tidy tree of Reingold and Tilford (d3-hierarchy), root on top, children in name order.
 * The same graph gives the same picture; no randomness. Nodes without a known parent, and nodes caught in a loop of
 * parents, become trees of their own beside the others.
 */
import { hierarchy, tree } from 'd3-hierarchy';

export interface LayoutInput {
  readonly mac: string;
  readonly name: string;
  readonly parent: string | null;
  readonly role: 'root' | 'node';
}

export interface Placed {
  readonly mac: string;
  readonly x: number;
  readonly y: number;
  readonly depth: number;
  /** MAC of the parent it is drawn below; null for the top of a tree. */
  readonly parent: string | null;
  readonly children: readonly string[];
}

export interface Layout {
  readonly placed: ReadonlyMap<string, Placed>;
  readonly widthPx: number;
  readonly heightPx: number;
}

export interface LayoutOptions {
  /** Distance between neighbours and between layers. */
  readonly columnPx: number;
  readonly rowPx: number;
  /** Space around the outermost nodes. */
  readonly marginXPx: number;
  readonly marginYPx: number;
}

interface TreeItem {
  mac: string;
  children: TreeItem[];
}

const FOREST = '';

export function layoutTree(inputs: readonly LayoutInput[], options: LayoutOptions): Layout {
  const forest = buildForest(inputs);
  const rootItem = hierarchy<TreeItem>({ mac: FOREST, children: forest }, (item) => item.children);
  const arranged = tree<TreeItem>()
    .nodeSize([options.columnPx, options.rowPx])
    .separation((a, b) => (a.parent === b.parent ? 1 : 1.2))(rootItem);
  const points = arranged.descendants().filter((point) => point.data.mac !== FOREST);
  const left = Math.min(0, ...points.map((point) => point.x));
  const right = Math.max(0, ...points.map((point) => point.x));
  const depth = Math.max(1, ...points.map((point) => point.depth));
  const placed = new Map<string, Placed>();
  for (const point of points) {
    const parent = point.parent?.data.mac ?? FOREST;
    placed.set(point.data.mac, {
      mac: point.data.mac,
      x: point.x - left + options.marginXPx,
      y: (point.depth - 1) * options.rowPx + options.marginYPx,
      depth: point.depth - 1,
      parent: parent === FOREST ? null : parent,
      children: point.data.children.map((child) => child.mac),
    });
  }
  return {
    placed,
    widthPx: right - left + 2 * options.marginXPx,
    heightPx: (depth - 1) * options.rowPx + 2 * options.marginYPx,
  };
}

/** Order everywhere: roots first, then by name with numbers counted as numbers, then by MAC. */
export function compareNodes(a: LayoutInput, b: LayoutInput): number {
  if (a.role !== b.role) return a.role === 'root' ? -1 : 1;
  const byName = COLLATOR.compare(a.name, b.name);
  if (byName !== 0) return byName;
  return a.mac < b.mac ? -1 : a.mac > b.mac ? 1 : 0;
}
const COLLATOR = new Intl.Collator('en', { numeric: true });

function buildForest(inputs: readonly LayoutInput[]): TreeItem[] {
  const sorted = [...inputs].sort(compareNodes);
  const byMac = new Map(sorted.map((input) => [input.mac, input]));
  const items = new Map(
    sorted.map((input) => [input.mac, { mac: input.mac, children: [] } as TreeItem]),
  );
  const forest: TreeItem[] = [];
  for (const input of sorted) {
    const item = items.get(input.mac)!;
    const parent = parentOf(input, byMac);
    if (parent === null) forest.push(item);
    else items.get(parent)!.children.push(item);
  }
  return forest;
}

/** The parent to draw below; null when there is none in the picture, or when this node closes a loop of parents. */
function parentOf(input: LayoutInput, byMac: ReadonlyMap<string, LayoutInput>): string | null {
  if (input.parent === null || !byMac.has(input.parent)) return null;
  // The loop is cut at the member with the smallest MAC, whatever node we come from.
  const path: string[] = [input.mac];
  for (let next = byMac.get(input.parent); next; next = byMac.get(next.parent ?? FOREST)) {
    const at = path.indexOf(next.mac);
    if (at === 0) return path.every((mac) => input.mac <= mac) ? null : input.parent;
    if (at > 0) return input.parent;
    path.push(next.mac);
  }
  return input.parent;
}
