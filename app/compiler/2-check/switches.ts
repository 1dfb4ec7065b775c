import type * as ts from 'typescript';
import { FEATURES_PATH, type Constant } from './constants.ts';

/**
 * The values that a build gives to constants of features.ts, by what may depend on them: all else about a file's constants
 * follows from its text and its environment.
 */
export class Switches {
  private readonly features: readonly [name: string, value: Constant][];
  private readonly environmentOf: (source: ts.SourceFile) => readonly string[];
  private readonly known = new Map<ts.SourceFile, string>();

  constructor(
    features: Readonly<Record<string, Constant>>,
    environmentOf: (source: ts.SourceFile) => readonly string[],
  ) {
    this.features = Object.entries(features).sort(([a], [b]) => (a < b ? -1 : 1));
    this.environmentOf = environmentOf;
  }

  /** Those that the file mentions, however indirectly, with their values. */
  of(source: ts.SourceFile): string {
    let text = this.known.get(source);
    if (text === undefined) {
      const mentioned = new Set(this.environmentOf(source));
      const isMentioned = (name: string): boolean =>
        source.fileName === FEATURES_PATH || mentioned.has(`${FEATURES_PATH} ${name}`);
      text = JSON.stringify(this.features.filter(([name]) => isMentioned(name)));
      this.known.set(source, text);
    }
    return text;
  }
}
