/** Changes of one file of the firmware, after which `bench compile` builds it again. */

export const ROUNDS = 5;

export interface Change {
  readonly path: string;
  /** In the body of a method that the firmware needs: the code differs every time. */
  readonly text: string;
}

/** Most of the mesh imports it. */
export const CORE: Change = {
  path: 'mesh/node-table.ts',
  text: 'this.list.length < MAX_NEIGHBOURS',
};
/** Few import it. */
export const LEAF: Change = { path: 'board/light.ts', text: '(nowMs & PHASE) % 1000' };

/** @throws Error when the firmware has no such text any more */
export function changed(
  sources: Readonly<Record<string, string>>,
  { path, text }: Change,
  round: number,
): Record<string, string> {
  const before = sources[path];
  if (before === undefined) throw new Error(`the firmware has no ${path}`);
  const at = before.lastIndexOf(text) + text.length;
  if (at < text.length) throw new Error(`${path} has no ${text}`);
  return { ...sources, [path]: `${before.slice(0, at)} - ${String(round)}${before.slice(at)}` };
}
