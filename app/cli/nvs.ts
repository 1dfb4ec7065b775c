import { readFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import { describeEntry } from '../image/identify.ts';
import { ImageError } from '../image/image-error.ts';
import { nvsFromCsv, nvsToCsv } from '../image/nvs/csv.ts';
import { buildNvs, parseNvs } from '../image/nvs/nvs.ts';
import { type Command, type Invocation, UsageError, optional, required } from './command.ts';
import { readText, writeOut } from './files.ts';
import { parseSize, readNvsPartition, worded } from './partitions.ts';

/** The size of the partition on stock boards. */
const USUAL_SIZE = '24K';

export const command: Command = {
  usage: 'make FILE.csv --out NVS.bin [--size 24K] | dump FILE.bin [--reveal [--csv]]',
  summary:
    "makes an NVS partition from Espressif's CSV columns (key,type,encoding,value), or prints what one holds",
  options: {
    out: { type: 'string' },
    size: { type: 'string' },
    reveal: { type: 'boolean' },
    csv: { type: 'boolean' },
  },
  positionals: [2, 2],
  async run(invocation) {
    const [action, path] = invocation.positionals as [string, string];
    if (action === 'make') return make(invocation, path);
    if (action === 'dump') return dump(invocation, path);
    throw new UsageError(`expected make or dump, got "${action}"`);
  },
};

async function make(invocation: Invocation, path: string): Promise<number> {
  const out = required(invocation, 'out');
  const sizeBytes = parseSize('size', optional(invocation, 'size') ?? USUAL_SIZE, 4096);
  const text = await readText(path);
  const entries = worded(() => nvsFromCsv(text, { readFile: beside(path) }), `${path}: `);
  const bytes = worded(() => buildNvs(entries, sizeBytes), `${path}: `);
  await writeOut(out, bytes, true);
  invocation.out(
    invocation.json
      ? JSON.stringify({ ok: true, out, sizeBytes, values: entries.length })
      : `${out}: ${entries.length} values in ${sizeBytes} B (treat it as a secret if they are)`,
  );
  return 0;
}

/** Files named in a CSV lie relative to it. */
function beside(path: string): (name: string) => Uint8Array {
  return (name) => {
    try {
      return new Uint8Array(readFileSync(resolve(dirname(path), name)));
    } catch (error) {
      throw new ImageError('value-invalid', `cannot read ${name}: ${(error as Error).message}`);
    }
  };
}

async function dump(invocation: Invocation, path: string): Promise<number> {
  const reveal = invocation.values['reveal'] === true;
  const csv = invocation.values['csv'] === true;
  if (csv && !reveal) {
    throw new UsageError('--csv writes every value as it is, so it needs --reveal');
  }
  const bytes = await readNvsPartition(path);
  const { entries, problems } = worded(() => parseNvs(bytes), `${path}: `);
  for (const problem of problems) invocation.err(`${path}: ${problem}`);
  const rows = entries.map((entry) => describeEntry(entry, reveal));
  if (invocation.json) {
    invocation.out(JSON.stringify({ ok: true, sizeBytes: bytes.length, entries: rows, problems }));
  } else if (csv) {
    invocation.out(nvsToCsv(entries).trimEnd());
  } else {
    for (const { namespace, key, kind, value } of rows) {
      invocation.out(`${namespace.padEnd(16)} ${key.padEnd(16)} ${kind.padEnd(6)} ${value}`);
    }
  }
  return 0;
}
