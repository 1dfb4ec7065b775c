/** The firmware's sources as the app carries them, and their build in the compiler's worker. */
import { compileInWorker } from './compiler/client.ts';
import { firmwareJob } from './compiler/firmware.ts';
import type { FirmwareBuild } from './provision/station.ts';
import { WordedError } from './views/shared/problem.ts';

const texts = import.meta.glob<string>(
  ['../firmware-src/**/*.ts', '!../firmware-src/**/*.test.ts', '!../firmware-src/**/testing/**'],
  { query: '?raw', import: 'default', eager: true },
);

export async function buildFirmware(): Promise<FirmwareBuild> {
  const sources = Object.fromEntries(
    Object.entries(texts).map(([path, text]) => [path.replace('../firmware-src/', ''), text]),
  );
  const { id, features, entries } = firmwareJob(sources);
  const { modules, diagnostics } = await compileInWorker(sources, { features, entries });
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
  return { firmwareId: id, modules: modules.map(({ name, mpy }) => ({ name, mpy })) };
}
