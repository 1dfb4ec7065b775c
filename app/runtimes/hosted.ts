/**
 * Runtime files that the site itself offers, in its folder runtimes/ (see public/runtimes/README.md). Nothing is requested
 * before a person asks for it, and never from another site.
 *
 *   runtimes/index.json   {"format": 1, "files": [{"name": "ESP32_GENERIC-20250809-v1.26.0.bin", "chip": "esp32", "sha256": "..."}]}
 */
import { bytesToHex } from '../base/bytes.ts';
import { sha256 } from '../base/digest.ts';
import { type ChipName, isChipName } from '../image/chips.ts';
import type { RuntimeFile } from '../image/region.ts';
import { checkRuntime } from './check.ts';

export interface HostedRuntime {
  readonly name: string;
  readonly chip: ChipName;
  /** Of the file, 64 hex digits. */
  readonly sha256: string;
}

/** As the browser's fetch, as far as it is needed. */
export type Fetch = (url: string) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  json(): Promise<unknown>;
  arrayBuffer(): Promise<ArrayBuffer>;
}>;

export type HostedResult<T> = { ok: true; value: T } | { ok: false; message: string };

/** What the site offers; an empty list when it has no such folder. @param base the app's own address, ending with a slash */
export async function listHostedRuntimes(
  fetch: Fetch,
  base: string,
): Promise<HostedResult<HostedRuntime[]>> {
  let body: unknown;
  try {
    const response = await fetch(`${base}runtimes/index.json`);
    if (response.status === 404) return { ok: true, value: [] };
    if (!response.ok) return refuse(`The site answered with status ${response.status}.`);
    body = await response.json();
  } catch {
    // A server that answers every address with its start page has no such folder either; offline looks the same.
    return refuse('The list of runtime files cannot be read: offline, or the site has none.');
  }
  const files = (body as { format?: unknown; files?: unknown } | null)?.files;
  if ((body as { format?: unknown } | null)?.format !== 1 || !Array.isArray(files)) {
    return refuse('runtimes/index.json of this site is not a list of runtime files (format 1).');
  }
  const value: HostedRuntime[] = [];
  for (const [i, file] of files.entries()) {
    const row = file as Partial<Record<keyof HostedRuntime, unknown>> | null;
    const { name, chip, sha256: digest } = row ?? {};
    // A plain file name: nothing that leads out of the folder or to another site.
    const fits = typeof name === 'string' && /^[A-Za-z0-9][\w.+-]*\.bin$/.test(name);
    const known = typeof chip === 'string' && isChipName(chip);
    if (!fits || !known || typeof digest !== 'string' || !/^[0-9a-f]{64}$/.test(digest)) {
      return refuse(`runtimes/index.json of this site: entry ${i + 1} cannot be used.`);
    }
    value.push({ name, chip, sha256: digest });
  }
  return { ok: true, value };
}

/** Fetches one of them and checks it against the list and for itself. */
export async function takeHostedRuntime(
  fetch: Fetch,
  base: string,
  file: HostedRuntime,
): Promise<HostedResult<RuntimeFile>> {
  let bytes: Uint8Array;
  try {
    const response = await fetch(`${base}runtimes/${file.name}`);
    if (!response.ok)
      return refuse(`${file.name}: the site answered with status ${response.status}.`);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch {
    return refuse(`${file.name} cannot be fetched: offline, or the site is down.`);
  }
  if (bytesToHex(sha256(bytes)) !== file.sha256) {
    return refuse(`${file.name} is not the file that the list describes: its SHA-256 differs.`);
  }
  const check = checkRuntime(bytes);
  if (!check.ok) return refuse(`${file.name}: ${check.message}`);
  if (check.runtime.chip !== file.chip) {
    return refuse(`${file.name} is for another chip than the list says.`);
  }
  return { ok: true, value: check.runtime };
}

function refuse(message: string): { ok: false; message: string } {
  return { ok: false, message };
}
