/**
 * Puts a backed-up membership back onto the board that it was taken from. Everything else in the board's NVS stays, and so do
 * its counters where they are higher (identity.ts).
 */
import { planFlash, type FlashPlan } from '../flash/plan.ts';
import type { FlashSession } from '../flash/flash-session.ts';
import {
  findNvs,
  PARTITION_TABLE_AT,
  PARTITION_TABLE_BYTES,
  parsePartitionTable,
} from '../image/partition-table.ts';
import type { BoardBackup } from './backup-file.ts';
import { identityOf, restoreIdentity } from './identity.ts';
import { stationError } from './station-error.ts';

export interface RestorePlan {
  readonly flash: FlashPlan;
  /** The board's NVS as it is now. Secret. */
  readonly now: { readonly at: number; readonly bytes: Uint8Array<ArrayBuffer> };
}

type Reader = Pick<FlashSession, 'chip' | 'mac' | 'flashSizeBytes' | 'secured' | 'md5' | 'read'>;

/**
 * What is to be written; writes nothing.
 * @throws StationError other-board | no-membership | no-nvs; ImageError nvs-full; FlashError
 */
export async function planRestore(session: Reader, backup: BoardBackup): Promise<RestorePlan> {
  if (backup.mac !== session.mac) {
    // Two boards with one identity would take each other's frames for replays.
    const both = `the backup is of ${backup.mac}, the board is ${session.mac}`;
    throw stationError('back-up', 'backup-of-other-board', both);
  }
  const membership = identityOf(backup.bytes);
  if (membership.length === 0) throw stationError('back-up', 'backup-empty', backup.mac);
  const table = parsePartitionTable(await session.read(PARTITION_TABLE_AT, PARTITION_TABLE_BYTES));
  const nvs = findNvs(table);
  if (!nvs) throw stationError('back-up', 'refused', 'the board has no NVS partition');
  const bytes = await session.read(nvs.at, nvs.sizeBytes);
  const merged = restoreIdentity(bytes, membership);
  const region = { name: 'identity', at: nvs.at, bytes: merged.bytes };
  const { chip, mac, flashSizeBytes, secured } = session;
  const md5 = { identity: await session.md5(nvs.at, merged.bytes.length) };
  const flash = planFlash({ chip, mac, flashSizeBytes, secured, md5 }, [region], chip);
  return { flash, now: { at: nvs.at, bytes } };
}
