/**
 * A user's application in a build: its files lie in one folder beside the firmware's sources, import what they use of the node by
 * one name, and reach nothing else of the firmware.
 */
export const APPLICATION_FOLDER = 'application/';
/** Exports `function application(mesh: Mesh): Application`. */
export const APPLICATION_ENTRY = 'application/main.ts';
/** What `import … from 'meshwright'` means. */
export const INTERFACE_NAME = 'meshwright';
export const INTERFACE_PATH = 'node/application.ts';

/** Whether the import `specifier` in the file `path` (relative to the sources) leaves the application's folder. */
export function leavesApplication(path: string, specifier: string): boolean {
  if (!path.startsWith(APPLICATION_FOLDER)) return false;
  if (specifier.startsWith('/')) return true;
  if (!specifier.startsWith('.')) return false;
  let depth = path.split('/').length - 2; // folders below the application's own
  for (const part of specifier.split('/')) {
    if (part === '..') depth -= 1;
    else if (part !== '.') depth += 1;
    if (depth < 0) return true;
  }
  return false;
}
