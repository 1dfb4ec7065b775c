import type * as ts from 'typescript';
import type { Range } from './range.ts';

/** Gives the bounds as they are known when it is called. */
export type Ask = () => Range;

export const always =
  (range: Range): Ask =>
  () =>
    range;

/** What stays the same of an expression while bounds are being found is looked up once; what is left is asked each time. */
export class Asks {
  private readonly asking: (expression: ts.Expression) => Ask;
  private readonly known = new Map<ts.Expression, Ask>();

  constructor(asking: (expression: ts.Expression) => Ask) {
    this.asking = asking;
  }

  at(expression: ts.Expression): Range {
    let ask = this.known.get(expression);
    if (ask === undefined) {
      ask = this.asking(expression);
      this.known.set(expression, ask);
    }
    return ask();
  }
}
