import { bytesToHex, utf8 } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { type CompileResult, compile } from './compile.ts';

export const FIRMWARE_VERSION = '0.1.0';
/** The module whose step() the board's main.py calls for ever. */
export const FIRMWARE_ENTRY = 'board/main.ts';

export type Features = Readonly<Record<string, boolean | number | string>>;
export type Profile = 'default' | 'full';

/** What a profile changes against firmware-src/features.ts; the default profile changes nothing. */
const PROFILES: Readonly<Record<Profile, Features>> = { default: {}, full: {} };

export interface FirmwareBuild {
  /** `0.1.0+` and the first eight hex digits of the SHA-256 of sources and features; boards say it in hello. */
  readonly id: string;
  readonly features: Features;
  readonly result: CompileResult;
}

export interface FirmwareOptions {
  readonly profile?: Profile;
  readonly features?: Features;
}

/** Tests and their helpers lie beside the firmware's sources; whoever reads the folder may or may not bring them. */
const isFirmware = (path: string): boolean => !/\.test\.ts$|(^|\/)testing\//.test(path);

/** Name of exactly these sources with exactly these features, whatever the order they come in. */
export function firmwareId(sources: Readonly<Record<string, string>>, features: Features): string {
  const lines = Object.keys(sources)
    .filter(isFirmware)
    .sort()
    .map((path) => `${path}\n${bytesToHex(sha256(utf8(sources[path]!)))}\n`);
  for (const name of Object.keys(features).sort())
    lines.push(`${name}=${JSON.stringify(features[name])}\n`);
  return `${FIRMWARE_VERSION}+${bytesToHex(sha256(utf8(lines.join('')))).slice(0, 8)}`;
}

/** The switches that firmware-src/features.ts has; the id is the build's own. */
export function featureNames(sources: Readonly<Record<string, string>>): string[] {
  const text = sources['features.ts'] ?? '';
  return [...text.matchAll(/^export const ([A-Z][A-Z0-9_]*)/gm)]
    .map((match) => match[1]!)
    .filter((name) => name !== 'FIRMWARE_ID');
}

/** What compile() is to be given for the firmware: the same for the app's worker and the command line. */
export function firmwareJob(
  sources: Readonly<Record<string, string>>,
  options: FirmwareOptions = {},
): { id: string; features: Features; entries: string[]; bundle: boolean } {
  const features = { ...PROFILES[options.profile ?? 'default'], ...options.features };
  const id = firmwareId(sources, features);
  return {
    id,
    features: { ...features, FIRMWARE_ID: id },
    entries: [FIRMWARE_ENTRY],
    bundle: true,
  };
}

/** Compiles the firmware where it is called; the app does the same through client.ts and firmwareJob. */
export async function buildFirmware(
  sources: Readonly<Record<string, string>>,
  options: FirmwareOptions = {},
): Promise<FirmwareBuild> {
  const { id, features, entries, bundle } = firmwareJob(sources, options);
  return { id, features, result: await compile({ ...sources }, { entries, features, bundle }) };
}
