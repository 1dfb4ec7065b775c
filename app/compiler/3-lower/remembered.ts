import type ts from 'typescript';
import type { Memory } from '../1-read/memory.ts';
import type { Reachable } from '../2-check/reachable.ts';
import type { Stmt } from '../python-ast.ts';
import type { ModuleState, Tools } from './context.ts';
import { lowerModule } from './module.ts';
import { Recorder } from './recorder.ts';

export interface LoweredModule {
  source: ts.SourceFile;
  imports: readonly Stmt[];
  body: readonly Stmt[];
  module: ModuleState;
}

/** Lowers a file, or finds it as an earlier build left it when all that it depends on is the same. */
export function lowerRemembered(
  source: ts.SourceFile,
  tools: Tools,
  reachable: Reachable,
  memory: Memory,
  problems: () => number,
): LoweredModule {
  const { ranges, constants, fractions, specials, plainMaps, shapes, names, facts } = tools;
  const members = { isNeeded: (member: ts.ClassElement) => tools.isNeeded(member) };
  const needed = { has: (symbol: ts.Symbol | undefined) => reachable.has(symbol) };
  const answering = {
    ...{ ranges, constants, fractions, specials, plainMaps, shapes, names, facts },
    ...{ members, needed },
  };
  const phase = tools.isBundle ? 'lower bundle' : 'lower';
  const [known] = memory.of(phase, source, () => undefined) as [Recorder, LoweredModule][];
  if (known?.[0].isSame(answering) === true) return known[1];
  memory.forget(phase, source);
  const before = problems();
  const recorder = new Recorder();
  const watched: Tools = {
    ...tools,
    ranges: recorder.watch('ranges', ranges),
    constants: recorder.watch('constants', constants),
    fractions: recorder.watch('fractions', fractions),
    specials: recorder.watch('specials', specials),
    plainMaps: recorder.watch('plainMaps', plainMaps),
    shapes: recorder.watch('shapes', shapes),
    names: recorder.watch('names', names),
    facts: recorder.watch('facts', facts),
    isNeeded: recorder.watch('members', members).isNeeded,
  };
  const { imports, body, context } = lowerModule(
    source,
    watched,
    recorder.watch('needed', needed) as Reachable,
  );
  const made = { source, imports, body, module: context.module };
  if (problems() === before) memory.of(phase, source, (steps) => steps.push([recorder, made]));
  return made;
}
