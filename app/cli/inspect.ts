import {
  type FlashReport,
  type ImageReport,
  type LittleFsReport,
  type NvsReport,
  type RuntimeReport,
  describeImage,
} from '../image/identify.ts';
import { checkRuntime } from '../runtimes/check.ts';
import type { Command } from './command.ts';
import { readBytes } from './files.ts';

export const command: Command = {
  usage: 'FILE.bin [--reveal]',
  summary:
    'says what a runtime, partition table, NVS or LittleFS image or a whole flash holds; secrets only with --reveal',
  options: { reveal: { type: 'boolean' } },
  positionals: [1, 1],
  async run(invocation) {
    const bytes = await readBytes(invocation.positionals[0]!);
    const report = describeImage(bytes, { reveal: invocation.values['reveal'] === true });
    const ok = report.kind !== 'unknown' && report.kind !== 'broken';
    const verdict =
      report.kind === 'runtime' || report.kind === 'flash' ? runtimeVerdict(bytes) : null;
    if (invocation.json) {
      invocation.out(JSON.stringify({ ok, ...report, ...(verdict && { usable: verdict }) }));
      if (!ok) invocation.err((report as { message: string }).message);
    } else if (ok) {
      for (const line of textOf(report)) invocation.out(line);
      if (verdict !== null) invocation.out(`as a runtime: ${verdict.message}`);
    } else {
      invocation.err((report as { message: string }).message);
    }
    return ok ? 0 : 1;
  },
};

/** Whether boards can be given the runtime in this file. */
function runtimeVerdict(bytes: Uint8Array): {
  accepted: boolean;
  standIn: boolean;
  message: string;
} {
  const check = checkRuntime(bytes);
  if (!check.ok) return { accepted: false, standIn: false, message: check.message };
  const { chip, version, standIn } = check.runtime;
  const message = standIn
    ? `accepted for virtual boards only: a stand-in for ${chip}`
    : `accepted: MicroPython ${version} for ${chip}`;
  return { accepted: true, standIn, message };
}

const hex = (value: number): string => `0x${value.toString(16)}`;

function textOf(report: ImageReport): string[] {
  switch (report.kind) {
    case 'flash':
      return flashText(report);
    case 'runtime':
      return runtimeText(report);
    case 'partition-table':
      return [
        `partition table, ${report.hasMd5 ? 'MD5 row holds' : 'no MD5 row'}`,
        ...report.rows.map(
          (row) =>
            `  ${row.label.padEnd(16)} type ${row.type} subtype ${hex(row.subtype).padEnd(5)} at ${hex(row.at).padEnd(9)} ${row.sizeBytes} B`,
        ),
      ];
    case 'nvs':
      return nvsText(report);
    case 'littlefs':
      return littleFsText(report);
    case 'application':
    case 'bootloader':
      return [
        `${report.kind} for ${report.chip}, ${report.sizeBytes} B` +
          (report.microPython === undefined ? '' : `, MicroPython ${report.microPython}`) +
          (report.sha256 === undefined ? ', no hash of its own' : ', its own hash holds'),
      ];
    case 'broken':
    case 'unknown':
      return [report.message];
  }
}

function runtimeText(report: RuntimeReport): string[] {
  return [
    `runtime file for ${report.chip}, MicroPython ${report.microPython ?? 'not found'}`,
    ...textOf(report.bootloader),
    ...textOf(report.partitionTable),
    ...textOf(report.application),
  ];
}

function flashText(report: FlashReport): string[] {
  return [
    `whole flash of ${report.sizeBytes} B`,
    ...runtimeText(report.runtime),
    ...textOf(report.nvs),
    ...textOf(report.fileSystem),
  ];
}

function nvsText(report: NvsReport): string[] {
  return [
    `NVS of ${report.sizeBytes} B, ${report.pages.length} pages, ${report.entries.length} values`,
    ...report.entries.map(
      ({ namespace, key, kind, value }) =>
        `  ${namespace.padEnd(16)} ${key.padEnd(16)} ${kind.padEnd(6)} ${value}`,
    ),
    ...report.problems.map((problem) => `  problem: ${problem}`),
  ];
}

function littleFsText(report: LittleFsReport): string[] {
  return [
    `LittleFS ${report.diskVersion}, ${report.usedBlocks} of ${report.blockCount} blocks of ${report.blockSize} B in use`,
    ...report.files.map(
      ({ path, sizeBytes, sha256 }) =>
        `  ${String(sizeBytes).padStart(8)} B  ${sha256.slice(0, 16)}  ${path}`,
    ),
  ];
}
