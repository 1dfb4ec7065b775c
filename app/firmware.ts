/** The firmware's sources as the app carries them, and their build in the compiler's worker. */
import { compileInWorker } from './compiler/client.ts';
import { firmwareJob } from './compiler/firmware.ts';
import type { CompiledModule } from './compiler/compile.ts';
import type { ReportedBuild } from './views/parts/workbench.ts';
import { WordedError } from './views/shared/problem.ts';

const texts = import.meta.glob<string>(
  ['../firmware-src/**/*.ts', '!../firmware-src/**/*.test.ts', '!../firmware-src/**/testing/**'],
  { query: '?raw', import: 'default', eager: true },
);

const RUNTIME_HELPERS = 'runtime helpers';

export async function buildFirmware(): Promise<ReportedBuild> {
  const sources = Object.fromEntries(
    Object.entries(texts).map(([path, text]) => [path.replace('../firmware-src/', ''), text]),
  );
  const { id, ...options } = firmwareJob(sources);
  const { modules, diagnostics } = await compileInWorker(sources, options);
  if (diagnostics.length > 0) {
    const lines = diagnostics.map(
      (each) => `${each.file}:${each.line}:${each.column} ${each.code}: ${each.message}`,
    );
    throw new WordedError({
      code: 'compile-failed',
      title: 'The firmware does not compile',
      cause: lines[0] ?? '',
      next: 'This is a fault of this version of the app: copy the details into a report.',
      details: lines.join('\n'),
    });
  }
  return {
    firmwareId: id,
    modules: modules.map(({ name, mpy }) => ({ name, mpy })),
    sources: modules.flatMap(shares).sort((a, b) => b.aboutBytes - a.aboutBytes),
  };
}

/** What each TypeScript file takes of a module: bytecode has no seams, so its Python text is the measure. */
function shares({ path, py, mpy, parts }: CompiledModule): ReportedBuild['sources'] {
  if (!parts) return [{ path: path || RUNTIME_HELPERS, aboutBytes: mpy.length }];
  const lines = py.split('\n');
  return parts.map((part, i) => {
    const end = (parts[i + 1]?.fromLine ?? lines.length + 1) - 1;
    const text = lines.slice(part.fromLine - 1, end).join('\n');
    const aboutBytes = Math.round((text.length / py.length) * mpy.length);
    return { path: part.path || RUNTIME_HELPERS, aboutBytes };
  });
}
