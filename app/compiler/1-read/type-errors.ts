import type * as ts from 'typescript';
import { LIB_PATH } from './read-program.ts';
import { type Environment, environmentOf, reachesAll, sameEnvironment } from './environment.ts';

interface Clean {
  source: ts.SourceFile;
  environment: Environment;
}

/** Files in which TypeScript found nothing: not checked again while their text and their environment stay the same. */
const clean = new Map<string, Clean>();
let cleanAmbient: readonly ts.SourceFile[] = [];

export const forgetClean = (): void => clean.clear();

/** TypeScript's own findings. */
export function typeErrors(program: ts.Program): ts.Diagnostic[] {
  const sources = program.getSourceFiles().filter((source) => source.fileName !== LIB_PATH);
  const ambient = sources.filter((source) => source.isDeclarationFile);
  const others = sources.filter((source) => !source.isDeclarationFile);
  const isKept = ambient.length === cleanAmbient.length && !others.some(reachesAll);
  if (!isKept || ambient.some((source, at) => source !== cleanAmbient[at])) clean.clear();
  cleanAmbient = ambient;
  const found: ts.Diagnostic[] = [];
  for (const source of sources) {
    const known = clean.get(source.fileName);
    const environment = environmentOf(source, program);
    if (known?.source === source && sameEnvironment(known.environment, environment)) continue;
    const errors = program.getSemanticDiagnostics(source);
    found.push(...errors);
    if (errors.length === 0) clean.set(source.fileName, { source, environment });
    else clean.delete(source.fileName);
  }
  return found;
}
