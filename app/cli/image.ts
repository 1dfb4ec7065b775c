import { join } from 'node:path';
import { bytesToHex } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { nodeFromJson } from '../fleet/files.ts';
import { composeRegions, flattenRegions } from '../image/compose.ts';
import { ImageError } from '../image/image-error.ts';
import { decodeCredentials } from '../../firmware-src/wire/credentials.ts';
import { identityEntries } from '../provision/identity.ts';
import { checkRuntime } from '../runtimes/check.ts';
import { type Command, InputError, UsageError, optional, required } from './command.ts';
import { readBytes, readText, writeOut } from './files.ts';
import { worded } from './keygen.ts';
import { readBuild } from './manifest.ts';

export const command: Command = {
  usage:
    '--runtime FILE.bin --build DIR --node FILE [--flash-size 4MB] [--preloaded] --out FLASH.bin [--parts DIR]',
  summary: 'composes the whole flash image of one node, and its parts with their offsets',
  options: {
    runtime: { type: 'string' },
    build: { type: 'string' },
    node: { type: 'string' },
    'flash-size': { type: 'string' },
    preloaded: { type: 'boolean' },
    out: { type: 'string' },
    parts: { type: 'string' },
  },
  async run(invocation) {
    const runtimePath = required(invocation, 'runtime');
    const buildFolder = required(invocation, 'build');
    const nodePath = required(invocation, 'node');
    const out = required(invocation, 'out');
    const flashSizeBytes = parseFlashSize(optional(invocation, 'flash-size') ?? '4MB');
    const preloaded = invocation.values['preloaded'] === true;
    const partsFolder = optional(invocation, 'parts');

    const check = checkRuntime(await readBytes(runtimePath));
    if (!check.ok) throw new InputError(`${runtimePath}: ${check.message}`);
    const { runtime } = check;
    const { manifest, modules } = await readBuild(buildFolder);
    const nodeText = await readText(nodePath);
    const node = worded(() => nodeFromJson(nodeText));
    if (manifest.features['ROUTER'] !== true && decodeCredentials(node.credentials)?.router) {
      throw new InputError(
        `the network of ${nodePath} has a router, and the firmware of ${buildFolder} has no part for one: its node would stay on its channel alone. Build again with --network NETWORK.json, or --features ROUTER`,
      );
    }
    const identity = worded(() => identityEntries(node, { preloaded, firstBootAtMs: Date.now() }));
    if (runtime.standIn) {
      invocation.err(
        'the runtime is the stand-in for virtual boards: no real chip runs this image',
      );
    }
    let regions;
    let flash;
    try {
      regions = composeRegions({ runtime, flashSizeBytes, identity, modules });
      flash = flattenRegions(regions, flashSizeBytes);
    } catch (error) {
      if (error instanceof ImageError) throw new InputError(error.message);
      throw error;
    }
    // The identity holds keys, so the image and that part of it are secrets.
    await writeOut(out, flash, true);
    const parts = regions.map((region) => ({
      name: region.name,
      at: `0x${region.at.toString(16)}`,
      sizeBytes: region.bytes.length,
      sha256: bytesToHex(sha256(region.bytes)),
      file: `${region.at.toString(16).padStart(6, '0')}-${region.name}.bin`,
    }));
    if (partsFolder !== null) {
      for (const [i, part] of parts.entries()) {
        await writeOut(join(partsFolder, part.file), regions[i]!.bytes, part.name === 'identity');
      }
      const list = { chip: runtime.chip, flashSizeBytes, parts };
      await writeOut(join(partsFolder, 'parts.json'), `${JSON.stringify(list, null, 2)}\n`);
    }
    const { chip, version } = runtime;
    if (invocation.json) {
      const facts = { chip, micropython: version, firmware: manifest.firmware, preloaded };
      invocation.out(JSON.stringify({ ok: true, out, flashSizeBytes, ...facts, parts }));
    } else {
      for (const { at, sizeBytes, name } of parts) {
        invocation.out(`${at.padStart(9)}  ${String(sizeBytes).padStart(8)} B  ${name}`);
      }
      invocation.out(
        `${out}: ${chip}, MicroPython ${version}, firmware ${manifest.firmware}` +
          `${preloaded ? ', joined already (credentials inside)' : ''} (keep it secret)`,
      );
    }
    return 0;
  },
};

/** `4MB`, `8M` or a number of bytes. @throws UsageError unless it is 1 to 16 MB in whole 64 KB. */
export function parseFlashSize(text: string): number {
  const match = /^(\d+)(MB?|KB?)?$/i.exec(text);
  const unit = (match?.[2] ?? '').toUpperCase();
  const bytes =
    Number(match?.[1]) * (unit.startsWith('M') ? 1 << 20 : unit.startsWith('K') ? 1024 : 1);
  if (!(bytes >= 1 << 20 && bytes <= 1 << 24 && bytes % 0x10000 === 0)) {
    throw new UsageError(`--flash-size expects 1MB to 16MB, got "${text}"`);
  }
  return bytes;
}
