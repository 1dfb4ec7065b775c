import * as ts from 'typescript';
import type { Journals } from '../1-read/memory.ts';
import type { Constants } from './constants.ts';
import type { Switches } from './switches.ts';
import { Traced } from './traced.ts';
import type { ValueFlow } from './value-flow.ts';

/**
 * Which numbers may have a fraction: those that come out of a division, a literal with a fraction, a root, and whatever
 * they are given to (variables, parameters, properties, results, elements), through the whole program. A board's floats
 * have 32 bits, so these may not become text, JSON or bytes.
 */
export class Fractions extends Traced {
  constructor(flow: ValueFlow, constants: Constants, switches: Switches, journals: Journals) {
    super(flow, constants, switches, journals, {
      name: 'fractions',
      constant: (value) => Number.isFinite(value) && !Number.isInteger(value),
      identifier: () => false,
      binary: (node) =>
        node.operatorToken.kind === ts.SyntaxKind.SlashToken ||
        node.operatorToken.kind === ts.SyntaxKind.SlashEqualsToken ||
        undefined,
      library: (node, member) => {
        if (MAKE_FRACTIONS.has(member)) return true;
        if (member === 'Number') {
          const given = node.arguments[0];
          return given !== undefined && isText(flow.facts.checker.getTypeAtLocation(given))
            ? true
            : undefined;
        }
        return ROUND.has(member) ? false : undefined;
      },
    });
  }
}

const MAKE_FRACTIONS = new Set(['parseFloat', 'sqrt', 'log', 'log2', 'log10']);
const ROUND = new Set(['floor', 'ceil', 'round', 'trunc', 'parseInt', 'charCodeAt']);

const isText = (type: ts.Type): boolean =>
  (type.isUnion() ? type.types : [type]).some((one) => (one.flags & ts.TypeFlags.StringLike) !== 0);
