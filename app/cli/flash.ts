import { FlashError } from '../flash/flash-error.ts';
import { openFlashSession } from '../flash/esptool.ts';
import type { FlashSession } from '../flash/flash-session.ts';
import { type FlashPlan, type FlashRegion, planFlash, plannedBytes } from '../flash/plan.ts';
import { surveyBoard } from '../flash/survey.ts';
import { type DecomposedImage, decomposeImage } from '../image/decompose.ts';
import { mergeNvs, parseNvs } from '../image/nvs/nvs.ts';
import { IDENTITY_NAMESPACE, restoreIdentity } from '../provision/identity.ts';
import { type Command, InputError, type Invocation, optional, required } from './command.ts';
import { readBytes, writeOut } from './files.ts';
import { worded } from './partitions.ts';
import { TcpPort } from './tcp-port.ts';
import { parseAddress } from './tcp-stream.ts';

/** The ROM's own: nobody can change the rate of a raw bridge. */
const BRIDGE_BAUD = 115200;
const HOW_TO =
  'A raw bridge has no reset lines: put the board into its loader first (hold BOOT, press and let go EN, let go BOOT).';

export const command: Command = {
  usage:
    '--connect HOST:PORT --image FLASH.bin [--backup FILE] [--replace-settings] [--dry-run] [--attempts N]',
  summary:
    'writes an image to the board whose loader is on a TCP socket; skips what is there already, keeps its other settings and counters',
  options: {
    connect: { type: 'string' },
    image: { type: 'string' },
    backup: { type: 'string' },
    attempts: { type: 'string' },
    'replace-settings': { type: 'boolean' },
    'dry-run': { type: 'boolean' },
  },
  async run(invocation) {
    const address = required(invocation, 'connect');
    parseAddress(address);
    const path = required(invocation, 'image');
    const bytes = await readBytes(path);
    const image = worded(() => decomposeImage(bytes), `${path}: `);
    const attempts = Number(optional(invocation, 'attempts') ?? 4);
    try {
      const session = await openFlashSession(new TcpPort(address, invocation.signal), {
        baudRate: BRIDGE_BAUD,
        reset: false,
        attempts,
        signal: invocation.signal,
        onStage: (stage) => invocation.err(stage),
      });
      try {
        return await job(invocation, session, image);
      } finally {
        await session.close();
      }
    } catch (error) {
      if (!(error instanceof FlashError)) throw error;
      for (let cause: unknown = error; cause instanceof Error; cause = cause.cause) {
        if (cause instanceof InputError) throw cause;
      }
      const silent = ['no-answer', 'no-reset', 'not-in-loader', 'noise'].includes(error.code);
      throw new InputError(
        `${error.message} ${silent ? HOW_TO : error.fix} ${error.details}`.trim(),
      );
    }
  },
};

async function job(
  invocation: Invocation,
  session: FlashSession,
  image: DecomposedImage,
): Promise<number> {
  invocation.err(`${session.description}, ${session.mac}, ${session.flashSizeBytes >> 20} MB`);
  const want = await withBoardSettings(invocation, session, image);
  const board = await surveyBoard(session, want);
  const plan = planFlash(board, want, image.chip);
  for (const line of planLines(plan)) invocation.err(line);
  const refusals = plan.refusals.map((refusal) => refusal.message);
  if (refusals.length > 0) throw new InputError(refusals.join(' '));
  const dry = invocation.values['dry-run'] === true;
  const startedMs = performance.now();
  if (!dry) await write(invocation, session, plan);
  const seconds = (performance.now() - startedMs) / 1000;
  const names = (rows: readonly { name: string }[]): string[] => rows.map((row) => row.name);
  const facts = { chip: session.chip, mac: session.mac, written: names(plan.writes) };
  if (invocation.json) {
    const more = { erased: names(plan.erases), skipped: names(plan.skips), dryRun: dry };
    invocation.out(JSON.stringify({ ok: true, ...facts, ...more, seconds }));
  } else if (dry) invocation.out(`${session.mac}: nothing was written (--dry-run)`);
  else {
    invocation.out(
      `${session.mac}: ${plannedBytes(plan)} B written and verified in ${seconds.toFixed(1)} s; press EN to start the firmware`,
    );
  }
  return 0;
}

async function write(
  invocation: Invocation,
  session: FlashSession,
  plan: FlashPlan,
): Promise<void> {
  let said = -1;
  await session.write(plan, {
    signal: invocation.signal,
    onProgress: (stage, done, total) => {
      const tenth = total === 0 ? 10 : Math.floor((10 * done) / total);
      if (tenth === said) return;
      said = tenth;
      invocation.err(`${stage} ${tenth * 10} %`);
    },
  });
}

/**
 * The image's parts, its settings merged into the board's own: the membership becomes the image's, counters never go back, and
 * everything else on the board stays.
 */
async function withBoardSettings(
  invocation: Invocation,
  session: FlashSession,
  image: DecomposedImage,
): Promise<FlashRegion[]> {
  const { nvs } = image;
  const backup = optional(invocation, 'backup');
  if (!nvs || nvs.at + nvs.sizeBytes > session.flashSizeBytes) return image.parts;
  const replace = invocation.values['replace-settings'] === true;
  if (replace && backup === null) return image.parts;
  const own = await session.read(nvs.at, nvs.sizeBytes);
  if (backup !== null) await writeOut(backup, own, true);
  if (replace) return image.parts;
  return image.parts.map((part) => {
    if (part.name !== 'identity') return part;
    const { entries } = worded(() => parseNvs(part.bytes), 'the image: ');
    if (entries.length === 0) return { ...part, bytes: own };
    const set = entries.filter((entry) => entry.namespace !== IDENTITY_NAMESPACE);
    const others = worded(() => mergeNvs(own, { set }));
    const merged = worded(() => restoreIdentity(others.bytes, entries));
    for (const problem of [...others.problems, ...merged.problems]) invocation.err(problem);
    return { ...part, bytes: merged.bytes };
  });
}

function planLines(plan: FlashPlan): string[] {
  const line = (what: string, row: { name: string; at: number; sizeBytes: number }): string =>
    `${what.padEnd(6)} 0x${row.at.toString(16).padStart(6, '0')}  ${String(row.sizeBytes).padStart(8)} B  ${row.name}`;
  return [
    ...plan.skips.map((row) => line('keep', row)),
    ...plan.erases.map((row) => line('erase', row)),
    ...plan.writes.map((row) => line('write', { ...row, sizeBytes: row.bytes.length })),
  ];
}
