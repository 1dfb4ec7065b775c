/**
 * What flashing costs, against virtual boards whose serial line is paced like a real one. The times are those of whole jobs, from
 * a closed port to a closed port: reset, loader, helper, comparison, settings read back, writing, verifying, restart.
 */
import { concatBytes, utf8 } from '../base/bytes.ts';
import { seededRandom } from '../base/random.ts';
import { zlib } from '../flash/compress.ts';
import { openFlashSession } from '../flash/esptool.ts';
import { type FlashPlan, planFlash } from '../flash/plan.ts';
import { surveyBoard } from '../flash/survey.ts';
import { composeRegions } from '../image/compose.ts';
import { mergeNvs } from '../image/nvs/nvs.ts';
import type { NvsEntry } from '../image/nvs/value.ts';
import { findNvs } from '../image/partition-table.ts';
import type { Region, RuntimeFile } from '../image/region.ts';
import { checkRuntime } from '../runtimes/check.ts';
import { standInRuntime } from '../runtimes/stand-in.ts';
import { createVirtualChip, type VirtualEsp } from '../sim/virtual-chip.ts';
import { type Benchmark, type Figure, atLeast, atMost, noted } from './benchmark.ts';
import { InputError, type Invocation, optional } from './command.ts';
import { readBytes } from './files.ts';

const BAUD = 921600;
const BITS_A_BYTE = 10;
const FLASH_BYTES = 4 << 20;
/** Like a stock runtime: so long, and deflated to about two thirds. */
const RUNTIME_BYTES = 1_490_016;
const FIRMWARE_BYTES = 48_000;

interface Job {
  readonly ms: number;
  /** The part between the first and the last write command, verification included. */
  readonly writeMs: number;
  readonly plan: FlashPlan;
  readonly baudRate: number;
}

export const benchmark: Benchmark = async (invocation) => {
  const runtime = await runtimeOf(invocation);
  const figures: Figure[] = [];
  const say = (text: string): void => invocation.err(text);

  const chip = newChip(0);
  say(`a new node, ${runtime.bytes.length} B of runtime at ${BAUD} baud ...`);
  const fresh = await flashNode(chip, runtime, 'first');
  const wireMs = await wireLimitMs(fresh.plan);
  say(
    `  wire ${seconds(wireMs)}, writing ${seconds(fresh.writeMs)}, whole job ${seconds(fresh.ms)}`,
  );
  figures.push(
    atMost('time to write a new node against the wire', fresh.writeMs / wireMs, 1.15, 'x'),
    noted('the same for the whole job, port to port', fresh.ms / wireMs, 'x'),
  );

  const identity = await flashNode(chip, runtime, 'second');
  expectWrites(identity.plan, ['identity']);
  figures.push(atMost('new identity only, the rest current', identity.ms / 1000, 3, 's'));

  const before = chip.flash.operations;
  const nothing = await flashNode(chip, runtime, 'second');
  expectWrites(nothing.plan, []);
  figures.push(atMost('nothing changed', nothing.ms / 1000, 2, 's'));
  figures.push(
    atMost('erases and writes when nothing changed', chip.flash.operations - before, 0, ''),
  );

  say('four boards, one after another and at once ...');
  const small = checked(sized(400_032));
  const startMs = performance.now();
  for (let i = 0; i < 4; i++) await flashNode(newChip(i), small, `${i}`);
  const serialMs = performance.now() - startMs;
  const togetherMs = performance.now();
  await Promise.all([0, 1, 2, 3].map((i) => flashNode(newChip(i), small, `${i}`)));
  const parallelMs = performance.now() - togetherMs;
  say(`  ${seconds(serialMs)} and ${seconds(parallelMs)}`);
  figures.push(atLeast('four at once against one after another', serialMs / parallelMs, 3.5, 'x'));
  return figures;
};

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function newChip(number: number): VirtualEsp {
  const chip = createVirtualChip({
    chip: 'esp32',
    mac: `24:0a:c4:00:00:0${number}`,
    flashSizeBytes: FLASH_BYTES,
    paced: true,
  });
  chip.powerOn();
  return chip;
}

/** The whole job as the Station does it, without the handshake. */
async function flashNode(chip: VirtualEsp, runtime: RuntimeFile, name: string): Promise<Job> {
  const startMs = performance.now();
  const session = await openFlashSession(chip.port, { baudRate: BAUD });
  try {
    const nvs = findNvs(runtime.partitionTable)!;
    const own = await session.read(nvs.at, nvs.sizeBytes);
    const merged = mergeNvs(own, { set: identityOf(name) });
    const want: Region[] = composeRegions({
      runtime,
      flashSizeBytes: session.flashSizeBytes,
      identity: [],
      modules: [{ name: 'board_main', mpy: FIRMWARE }],
      boardNvs: merged.bytes,
    });
    const plan = planFlash(await surveyBoard(session, want), want, runtime.chip);
    const writeStartMs = performance.now();
    await session.write(plan);
    const writeMs = performance.now() - writeStartMs;
    await session.resetIntoFirmware();
    return { ms: performance.now() - startMs, writeMs, plan, baudRate: session.baudRate };
  } finally {
    await session.close();
  }
}

function identityOf(name: string): NvsEntry[] {
  const bytes = utf8(name.padEnd(32, '.'));
  return [{ namespace: 'mesh', key: 'name', value: { kind: 'blob', bytes } }];
}

/** How long the compressed bytes alone take on the line. */
async function wireLimitMs(plan: FlashPlan): Promise<number> {
  let bytes = 0;
  for (const write of plan.writes) bytes += (await zlib(write.bytes)).length;
  return (bytes * BITS_A_BYTE * 1000) / BAUD;
}

function expectWrites(plan: FlashPlan, names: readonly string[]): void {
  const found = plan.writes.map((write) => write.name);
  if (found.join() !== names.join()) {
    throw new Error(`the plan writes [${found.join(', ')}], expected [${names.join(', ')}]`);
  }
}

/** Two bytes of three are random: deflate gets as far as with machine code. */
function machineCode(size: number, seed: number): Uint8Array {
  const random = seededRandom(seed);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < size; at += 48) parts.push(random.bytes(32), new Uint8Array(16).fill(at));
  return concatBytes(...parts).slice(0, size);
}

const FIRMWARE = machineCode(FIRMWARE_BYTES, 2);

async function runtimeOf(invocation: Invocation): Promise<RuntimeFile> {
  const path = optional(invocation, 'runtime');
  return checked(path === null ? sized(RUNTIME_BYTES) : await readBytes(path));
}

/** The stand-in, as long as a real runtime. */
function sized(bytes: number): Uint8Array {
  return standInRuntime('esp32', { program: machineCode(bytes, 1) });
}

function checked(bytes: Uint8Array): RuntimeFile {
  const check = checkRuntime(bytes);
  if (!check.ok) throw new InputError(check.message);
  return check.runtime;
}
