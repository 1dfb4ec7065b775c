import * as ts from 'typescript';
import type { Memory } from '../1-read/memory.ts';
import type { Facts, Variable } from '../2-check/facts.ts';
import type { Reachable } from '../2-check/reachable.ts';
import type { Stmt } from '../python-ast.ts';
import type { ModuleState, Tools } from './context.ts';
import { lowerModule } from './module.ts';
import { type IsOwn, Recorder } from './recorder.ts';

export interface LoweredModule {
  source: ts.SourceFile;
  imports: readonly Stmt[];
  body: readonly Stmt[];
  module: ModuleState;
}

/** What a file's own text and its environment settle, with the switches and the names of what it mentions of other files. */
function ownAnswers(
  source: ts.SourceFile,
  facts: Facts,
): Record<'facts' | 'constants' | 'names', IsOwn> {
  const isHere = (one: unknown): boolean => (one as ts.Node).getSourceFile() === source;
  const isInside = (one: ts.Symbol): boolean => {
    const variable = facts.variables.get(one);
    return (
      variable !== undefined && isHere(variable.declaration) && !ts.isSourceFile(variable.owner)
    );
  };
  return {
    facts: (name, [of], answer) => {
      switch (name) {
        case 'symbolOf':
        case 'variableOf':
        case 'isNamespace':
        case 'ownedBy':
        case 'mentionsOf':
          return isHere(of);
        case 'variables':
          return answer !== undefined && isHere((answer as Variable).declaration);
        case 'uses':
          return isInside(of as ts.Symbol);
        default:
          return false;
      }
    },
    constants: (_name, [of]) => isHere(of),
    names: (name, [of]) => name === 'of' && isInside(of as ts.Symbol),
  };
}

/** Lowers a file, or finds it as an earlier build left it when all that it depends on is the same. */
export function lowerRemembered(
  source: ts.SourceFile,
  tools: Tools,
  reachable: Reachable,
  memory: Memory,
  problems: () => number,
): LoweredModule {
  const { ranges, constants, fractions, specials, plainMaps, shapes, names, facts, switches } =
    tools;
  const members = { isNeeded: (member: ts.ClassElement) => tools.isNeeded(member) };
  const needed = { has: (symbol: ts.Symbol | undefined) => reachable.has(symbol) };
  const answering = {
    ...{ ranges, constants, fractions, specials, plainMaps, shapes, names, facts },
    ...{ members, needed, switches },
  };
  const phase = tools.isBundle ? 'lower bundle' : 'lower';
  const [known] = memory.of(phase, source, () => undefined) as [Recorder, LoweredModule][];
  if (known?.[0].isSame(answering) === true) return known[1];
  memory.forget(phase, source);
  const before = problems();
  const recorder = new Recorder();
  const own = ownAnswers(source, facts);
  const watched: Tools = {
    ...tools,
    ranges: recorder.watch('ranges', ranges),
    constants: recorder.watch('constants', constants, own.constants),
    fractions: recorder.watch('fractions', fractions),
    specials: recorder.watch('specials', specials),
    plainMaps: recorder.watch('plainMaps', plainMaps),
    shapes: recorder.watch('shapes', shapes),
    names: recorder.watch('names', names, own.names),
    facts: recorder.watch('facts', facts, own.facts),
    isNeeded: recorder.watch('members', members).isNeeded,
  };
  recorder.watch('switches', switches).of(source);
  watched.names.globalsOf(source);
  const { imports, body, context } = lowerModule(
    source,
    watched,
    recorder.watch('needed', needed) as Reachable,
  );
  const made = { source, imports, body, module: context.module };
  if (problems() === before) memory.of(phase, source, (steps) => steps.push([recorder, made]));
  return made;
}
