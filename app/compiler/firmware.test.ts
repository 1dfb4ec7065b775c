import { describe, expect, it } from 'vitest';
import * as ts from 'typescript';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import {
  applicationDiagnostics,
  buildFirmware,
  featureNames,
  firmwareId,
  firmwareJob,
} from './firmware.ts';
import { reachesAll } from './1-read/environment.ts';
import { leavesApplication } from './application.ts';
import { diagnostic } from './diagnostics.ts';

const sources = { 'a.ts': 'export const A = 1;', 'b.ts': '' };

it('gives the same id for the same sources in any order', () => {
  const turned = Object.fromEntries(Object.entries(sources).reverse());
  expect(firmwareId(turned, { x: 1, y: 2 })).toBe(firmwareId(sources, { y: 2, x: 1 }));
});
it('gives another id for one changed byte, another name, or another feature', () => {
  const id = firmwareId(sources, {});
  expect(firmwareId({ ...sources, 'a.ts': 'export const A = 2;' }, {})).not.toBe(id);
  expect(firmwareId({ 'a.ts': sources['a.ts'], 'c.ts': '' }, {})).not.toBe(id);
  expect(firmwareId(sources, { x: true })).not.toBe(id);
});
it('compiles the id into the firmware as the feature FIRMWARE_ID', () => {
  const job = firmwareJob(sources, { features: { x: 1 } });
  expect(job.features).toEqual({ x: 1, APPLICATION: false, FIRMWARE_ID: job.id });
  expect(job.id).toMatch(/^0\.1\.0\+[0-9a-f]{8}$/);
});
it('finds the switches in features.ts', () => {
  const text =
    '/** x */\nexport const FIRMWARE_ID = "";\nexport const APPLICATION: boolean = true;\nexport const FEATURE_X = true;\nconst Y = 1;\n';
  expect(featureNames({ 'features.ts': text })).toEqual(['FEATURE_X']);
});

it('gives the same id whether or not tests and their helpers were read, too', () => {
  const more = { ...sources, 'a.test.ts': 'x', 'mps/testing/pair.ts': 'y' };
  expect(firmwareId(more, {})).toBe(firmwareId(sources, {}));
});

const folderTexts = (folder: string): Record<string, string> => {
  const root = fileURLToPath(new URL(`../../${folder}/`, import.meta.url));
  const found: Record<string, string> = {};
  for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
    if (path.endsWith('.ts') && !path.endsWith('.test.ts'))
      found[path] = readFileSync(root + path, 'utf8');
  }
  return found;
};

describe('an application in the firmware', () => {
  const firmware = folderTexts('firmware-src');
  const places = async (application: Record<string, string>): Promise<string[]> => {
    const { result } = await buildFirmware(firmware, { application });
    return result.diagnostics.map(
      (one) => `${one.file}:${one.line}:${one.column} ${one.code}: ${one.message}`,
    );
  };
  const main = (body: string): Record<string, string> => ({
    'main.ts': `import { Application, type Mesh } from 'meshwright';\n${body}`,
  });
  const FACTORY = 'export function application(mesh: Mesh): Application { return new Own(mesh); }';

  it('has a name of its own, and takes no place without one', async () => {
    const without = await buildFirmware(firmware);
    const light = await buildFirmware(firmware, { application: folderTexts('examples/light') });
    const counter = await buildFirmware(firmware, {
      application: folderTexts('examples/counter'),
    });
    for (const { result } of [without, light, counter]) expect(result.diagnostics).toEqual([]);
    expect(new Set([without.id, light.id, counter.id]).size).toBe(3);
    const text = without.result.modules[0]!.py;
    expect(text).toContain('class MessageRelay');
    expect(text).not.toMatch(/class (Messages|ApplicationHost|HostedMesh|Application)\b/);
    expect(text).not.toContain('app.send');
    const paths = counter.result.modules[0]!.parts!.map(({ path }) => path);
    expect(paths).toContain('application/report.ts');
    expect(counter.result.sizes.mpyBytes - without.result.sizes.mpyBytes).toBeLessThan(8000);
  }, 240_000);

  it('that does not compile is told at its own files', async () => {
    expect(
      await places(
        main(
          `class Own extends Application {\n  override tick(): void { eval('1'); }\n}\n${FACTORY}`,
        ),
      ),
    ).toContainEqual(expect.stringMatching(/^application\/main\.ts:3:27 /));
  }, 240_000);

  it('without the function that the firmware calls, or with another one, is told so at its entry', async () => {
    const asks =
      /^application\/main\.ts:1:1 type-error: The firmware asks this file for an application: /;
    const [missing] = await places(
      main('class Own extends Application {}\nexport type X = Own | Mesh;'),
    );
    const [wrong] = await places(
      main('export function application(mesh: Mesh): string { return mesh.id; }'),
    );
    const [empty] = await places({ 'main.ts': '' });
    for (const one of [missing, wrong, empty]) expect(one ?? '').toMatch(asks);
    expect(await places({ 'other.ts': '' })).not.toEqual([]);
  }, 240_000);

  it('cannot import the inside of the firmware, only its own files and the interface', async () => {
    const own = `class Own extends Application {}\n${FACTORY}`;
    expect(
      await places(
        main(`import { Node } from '../node/node.ts';\n${own}\nconsole.log(Node.name);`),
      ),
    ).toContainEqual(expect.stringMatching(/^application\/main\.ts:2:1 import-outside: /));
    expect(leavesApplication('application/a/b.ts', '../c.ts')).toBe(false);
    expect(leavesApplication('application/a/b.ts', '../../c.ts')).toBe(true);
    expect(leavesApplication('application/a/b.ts', './../../application/c.ts')).toBe(true);
    expect(leavesApplication('application/b.ts', 'machine')).toBe(false);
    expect(leavesApplication('node/b.ts', '../std/c.ts')).toBe(false);
  }, 240_000);

  it('leaves diagnostics of other files as they are', () => {
    const one = diagnostic('any', 'x', { file: 'node/a.ts', line: 3, column: 4 });
    expect(applicationDiagnostics([one])).toEqual([one]);
  });
});

it('the profile full has links over Wi-Fi, the default has not, and a feature that is asked for counts more', () => {
  const of = (options: Parameters<typeof firmwareJob>[1]) =>
    firmwareJob(sources, options).features['WIFI_TREE'];
  expect(of({ profile: 'full' })).toBe(true);
  expect(of({ profile: 'default' })).toBeUndefined();
  expect(of({ profile: 'full', features: { WIFI_TREE: false } })).toBe(false);
  expect(firmwareJob(sources, { profile: 'full' }).id).not.toBe(firmwareJob(sources).id);
});
it('has no file in the firmware that a rebuild takes for one that can change every other', () => {
  // Neither `declare global` nor `import(`, in a comment either: it would make every build a cold one.
  const folder = fileURLToPath(new URL('../../firmware-src', import.meta.url));
  const paths = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (path) => path.endsWith('.ts') && !path.endsWith('.d.ts') && !path.endsWith('.test.ts'),
  );
  expect(paths.length).toBeGreaterThan(80);
  const found = paths.filter((path) =>
    reachesAll(
      ts.createSourceFile(path, readFileSync(`${folder}/${path}`, 'utf8'), ts.ScriptTarget.ES2022),
    ),
  );
  expect(found).toEqual([]);
});
