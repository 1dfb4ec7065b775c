import { join } from 'node:path';
import { buildFirmware, featureNames } from '../compiler/firmware.ts';
import { moduleCosts } from '../compiler/costs.ts';
import { measureImports } from '../sim/heap-probe.ts';
import { sha256 } from '../base/digest.ts';
import { bytesToHex } from '../base/bytes.ts';
import { ApplicationFiles } from './application.ts';
import { networkFromJson } from '../fleet/files.ts';
import { type Command, type Invocation, UsageError, optional, required } from './command.ts';
import { reportDiagnostics } from './diagnostics.ts';
import { FIRMWARE_FOLDER, readSources, readText, writeOut } from './files.ts';
import { worded } from './keygen.ts';
import type { BuildManifest } from './manifest.ts';

const PROFILES = ['default', 'full'] as const;

export const command: Command = {
  usage:
    '--out DIR [--network FILE] [--app FILE.ts] [--profile default|full] [--features name[=value],...] [--heap]',
  summary:
    'compiles the firmware, with your application if named, to DIR: .mpy, .py and manifest.json (--network: with what that network needs, the part for a router; --heap: with what each file takes of the heap)',
  options: {
    out: { type: 'string' },
    network: { type: 'string' },
    app: { type: 'string' },
    profile: { type: 'string' },
    features: { type: 'string' },
    heap: { type: 'boolean' },
  },
  async run(invocation) {
    const out = required(invocation, 'out');
    const profile = PROFILES.find(
      (name) => name === (optional(invocation, 'profile') ?? 'default'),
    );
    if (profile === undefined) throw new UsageError(`--profile is one of ${PROFILES.join(', ')}`);
    const app = optional(invocation, 'app');
    const application = app === null ? null : await ApplicationFiles.read(app);
    const sources = await readSources(FIRMWARE_FOLDER);
    const features = parseFeatures(optional(invocation, 'features'));
    const known = featureNames(sources);
    for (const name of Object.keys(features)) {
      if (known.includes(name)) continue;
      throw new UsageError(
        `there is no feature "${name}"; there ${known.length === 0 ? 'are none yet' : `are: ${known.join(', ')}`}`,
      );
    }
    await addNeeded(invocation, features);
    const build = await buildFirmware(sources, {
      profile,
      features,
      application: application?.files ?? null,
    });
    reportDiagnostics(invocation, application?.translate(build.result) ?? build.result);
    if (build.result.diagnostics.length > 0) return 1;

    const costs =
      invocation.values['heap'] === true
        ? await moduleCosts(build.result.modules, (modules) => measureImports(modules))
        : [];
    let nextCost = 0;
    const manifest: BuildManifest = {
      format: 1,
      firmware: build.id,
      profile,
      features: build.features,
      needsMicroPython: '1.25 or later',
      ...(application === null ? {} : { application: application.name }),
      modules: build.result.modules.map((module) => ({
        name: module.name,
        source: module.path,
        file: `${module.name}.mpy`,
        sizeBytes: module.mpy.length,
        sha256: bytesToHex(sha256(module.mpy)),
        lineMap: module.lineMap,
        ...(module.parts === undefined
          ? {}
          : {
              parts: module.parts.map((part) => ({
                ...part,
                path: application?.partPath(part.path) ?? part.path,
                ...(costs.length === 0 ? {} : { heapBytes: costs[nextCost++]!.heapBytes }),
              })),
            }),
        ...(module.shortNames === undefined ? {} : { shortNames: module.shortNames }),
        ...(module.traces === undefined ? {} : { traces: module.traces }),
      })),
    };
    for (const module of build.result.modules) {
      await writeOut(join(out, `${module.name}.mpy`), module.mpy);
      await writeOut(join(out, `${module.name}.py`), module.py);
    }
    await writeOut(join(out, 'manifest.json'), `${JSON.stringify(manifest)}\n`);

    if (build.features['WIFI_TREE'] === true) {
      invocation.err(
        'note: with links over Wi-Fi (profile full, WIFI_TREE) an ESP32 without PSRAM has about 13 KB of its heap left at the busiest; an application needs to fit in there. The profile default has room.',
      );
    }
    const totalBytes = manifest.modules.reduce((sum, module) => sum + module.sizeBytes, 0);
    if (invocation.json) {
      const modules = manifest.modules.map(
        ({ lineMap: _, parts: _parts, shortNames: _names, traces: _traces, ...rest }) => rest,
      );
      invocation.out(JSON.stringify({ ok: true, ...manifest, modules, totalBytes }));
    } else {
      for (const { name, sizeBytes, source } of manifest.modules) {
        invocation.out(`${String(sizeBytes).padStart(7)} B  ${name}.mpy  from ${source}`);
      }
      invocation.out(`${String(totalBytes).padStart(7)} B  in all; firmware ${build.id}, ${out}`);
    }
    return 0;
  },
};

/** A network with a router needs the part for it on every board. */
async function addNeeded(
  invocation: Invocation,
  features: Record<string, boolean | number | string>,
): Promise<void> {
  const path = optional(invocation, 'network');
  if (path === null) return;
  const text = await readText(path);
  if (worded(() => networkFromJson(text)).router === null) return;
  if (features['ROUTER'] === false)
    throw new UsageError(`${path} has a router: its boards need ROUTER`);
  if (features['ROUTER'] !== true)
    invocation.err(`note: ROUTER is switched on, for the network of ${path} has a router`);
  features['ROUTER'] = true;
}

/** `a,b=3,c=text`: a bare name means true. */
function parseFeatures(text: string | null): Record<string, boolean | number | string> {
  const features: Record<string, boolean | number | string> = {};
  for (const part of (text ?? '').split(',').filter((piece) => piece !== '')) {
    const [name, value] = part.split('=', 2) as [string, string | undefined];
    if (value === undefined || value === 'true') features[name] = true;
    else if (value === 'false') features[name] = false;
    else features[name] = /^-?\d+$/.test(value) ? Number(value) : value;
  }
  return features;
}
