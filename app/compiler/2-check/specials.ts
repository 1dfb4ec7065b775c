import * as ts from 'typescript';
import type { Journals } from '../1-read/memory.ts';
import type { Constants } from './constants.ts';
import { isLibDeclaration } from './library.ts';
import type { Switches } from './switches.ts';
import { Traced } from './traced.ts';
import type { ValueFlow } from './value-flow.ts';

/**
 * Which numbers may be NaN or Infinity by what they come from: the names themselves, text read as a number, the largest of
 * nothing. Their text and their 32 bits need a helper on a board. Division by zero is judged where it stands.
 */
export class Specials extends Traced {
  constructor(flow: ValueFlow, constants: Constants, switches: Switches, journals: Journals) {
    super(flow, constants, switches, journals, {
      name: 'specials',
      constant: (value) => !Number.isFinite(value),
      identifier: (node) => {
        if (node.text !== 'NaN' && node.text !== 'Infinity') return false;
        const declaration = flow.facts.symbolOf(node)?.declarations?.[0];
        return declaration !== undefined && isLibDeclaration(declaration);
      },
      binary: () => undefined,
      library: (node, member) => {
        switch (member) {
          case 'parseInt':
          case 'parseFloat':
          case 'Number':
          case 'charCodeAt':
            return true;
          case 'min':
          case 'max':
            return node.arguments.length === 0 || node.arguments.some(ts.isSpreadElement)
              ? true
              : undefined;
          default:
            return undefined;
        }
      },
    });
  }
}
