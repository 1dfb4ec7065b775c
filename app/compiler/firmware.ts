import { bytesToHex, utf8 } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { APPLICATION_ENTRY, APPLICATION_FOLDER } from './application.ts';
import type { CompileResult } from './compile.ts';
import type { Diagnostic } from './diagnostics.ts';

export const FIRMWARE_VERSION = '0.1.0';
/** The module whose step() the board's main.py calls for ever. */
export const FIRMWARE_ENTRY = 'board/main.ts';

/** The file of the firmware that asks something of the application's entry. */
const ASKS_APPLICATION = 'board/application.ts';
/** Set by the build itself, not by whoever asks for it. */
const OWN_SWITCHES: readonly string[] = ['FIRMWARE_ID', 'APPLICATION', 'LAZY_PARTS'];

export type Features = Readonly<Record<string, boolean | number | string>>;
export type Profile = 'default' | 'full';

/** What a profile changes against firmware-src/features.ts; the default profile changes nothing. */
const PROFILES: Readonly<Record<Profile, Features>> = {
  default: {},
  full: { WIFI_TREE: true, ROUTER: true },
};

export interface FirmwareBuild {
  /** `0.1.0+` and the first eight hex digits of the SHA-256 of sources and features; boards say it in hello. */
  readonly id: string;
  readonly features: Features;
  readonly result: CompileResult;
}

export interface FirmwareOptions {
  readonly profile?: Profile;
  readonly features?: Features;
  /**
   * A user's application: path -> text, `main.ts` the entry, which exports `function application(mesh: Mesh): Application`.
   * Paths are relative to its own folder; diagnostics name them as `application/<path>`.
   */
  readonly application?: Readonly<Record<string, string>> | null;
}

export interface FirmwareJob {
  /** The firmware's files, with those of the application in their place. */
  readonly sources: Record<string, string>;
  readonly id: string;
  readonly features: Record<string, boolean | number | string>;
  readonly entries: string[];
  readonly bundle: boolean;
}

/** Tests and their helpers lie beside the firmware's sources; whoever reads the folder may or may not bring them. */
const isFirmware = (path: string): boolean => !/\.test\.ts$|(^|\/)testing\//.test(path);

/** Hex digests of texts seen before: the firmware's files are asked for at each build. */
const digests = new Map<string, string>();
const MOST_DIGESTS = 1000;
const DIGESTS_A_STEP = 8;

function digestOf(text: string): string {
  let digest = digests.get(text);
  if (digest === undefined) {
    if (digests.size >= MOST_DIGESTS) digests.clear();
    digest = bytesToHex(sha256(utf8(text)));
    digests.set(text, digest);
  }
  return digest;
}

/** Does firmwareJob()'s slow part beforehand, in steps of a few milliseconds: for a page, whose thread must stay free. */
export async function prepareFirmwareJob(sources: Readonly<Record<string, string>>): Promise<void> {
  for (const [i, path] of Object.keys(sources).filter(isFirmware).entries()) {
    if (i % DIGESTS_A_STEP === 0) await new Promise((resolve) => setTimeout(resolve, 0));
    digestOf(sources[path]!);
  }
}

/** Name of exactly these sources with exactly these features, whatever the order they come in. */
export function firmwareId(sources: Readonly<Record<string, string>>, features: Features): string {
  const lines = Object.keys(sources)
    .filter(isFirmware)
    .sort()
    .map((path) => `${path}\n${digestOf(sources[path]!)}\n`);
  for (const name of Object.keys(features).sort())
    lines.push(`${name}=${JSON.stringify(features[name])}\n`);
  return `${FIRMWARE_VERSION}+${bytesToHex(sha256(utf8(lines.join('')))).slice(0, 8)}`;
}

/** The switches that firmware-src/features.ts has and a person may set. */
export function featureNames(sources: Readonly<Record<string, string>>): string[] {
  const text = sources['features.ts'] ?? '';
  return [...text.matchAll(/^export const ([A-Z][A-Z0-9_]*)/gm)]
    .map((match) => match[1]!)
    .filter((name) => !OWN_SWITCHES.includes(name));
}

/** What compile() is to be given for the firmware: the same for the app's worker and the command line. */
export function firmwareJob(
  firmware: Readonly<Record<string, string>>,
  options: FirmwareOptions = {},
): FirmwareJob {
  const application = options.application ?? null;
  const sources: Record<string, string> = {};
  for (const [path, text] of Object.entries(firmware)) {
    // The firmware's own file stands where an application belongs.
    if (application === null || !path.startsWith(APPLICATION_FOLDER)) sources[path] = text;
  }
  for (const [path, text] of Object.entries(application ?? {}))
    sources[`${APPLICATION_FOLDER}${path}`] = text;
  const asked = { ...PROFILES[options.profile ?? 'default'], ...options.features };
  const features = { ...asked, APPLICATION: application !== null };
  const id = firmwareId(sources, features);
  return {
    sources,
    id,
    features: { ...features, FIRMWARE_ID: id },
    entries: [FIRMWARE_ENTRY],
    bundle: true,
  };
}

/** What the firmware could not get from an application is told at the application's entry, not inside the firmware. */
export function applicationDiagnostics(diagnostics: readonly Diagnostic[]): Diagnostic[] {
  return diagnostics.map((one) =>
    one.file !== ASKS_APPLICATION
      ? one
      : {
          ...one,
          file: APPLICATION_ENTRY,
          line: 1,
          column: 1,
          message: `The firmware asks this file for an application: ${one.message}`,
          remedy: 'Write: export function application(mesh: Mesh): Application { … }',
        },
  );
}

/** Compiles the firmware where it is called; the app does the same through client.ts and firmwareJob. */
export async function buildFirmware(
  firmware: Readonly<Record<string, string>>,
  options: FirmwareOptions = {},
): Promise<FirmwareBuild> {
  const { sources, id, features, entries, bundle } = firmwareJob(firmware, options);
  // Not before it is asked for: the page takes the rest of this file, and has the compiler in a worker.
  const { compile } = await import('./compile.ts');
  const result = await compile(sources, { entries, features, bundle });
  return {
    id,
    features,
    result: { ...result, diagnostics: applicationDiagnostics(result.diagnostics) },
  };
}
