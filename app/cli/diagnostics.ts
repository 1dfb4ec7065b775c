import type { CompileResult } from '../compiler/compile.ts';
import type { Invocation } from './command.ts';

/** Prints diagnostics the way editors understand them: file:line:column code: message remedy. */
export function reportDiagnostics(invocation: Invocation, result: CompileResult): void {
  for (const { file, line, column, code, message, remedy } of result.diagnostics) {
    invocation.err(`${file}:${line}:${column} ${code}: ${message} ${remedy}`.trimEnd());
  }
}
