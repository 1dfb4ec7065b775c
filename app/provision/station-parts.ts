/** What a station job is given, and what it gives back. */
import type { Clock } from '../base/clock.ts';
import type { BoardConsole } from '../console/board-console.ts';
import type { FlashSession } from '../flash/flash-session.ts';
import type { FlashPlan } from '../flash/plan.ts';
import type { NetworkRecord, NodeRecord } from '../fleet/record.ts';
import type { FirmwareModule } from '../image/compose.ts';
import type { RuntimeFile } from '../image/region.ts';
import type { BoardBackup } from './backup-file.ts';
import type { HeldIdentity } from './held.ts';
import type { StationStage } from './station-error.ts';

/** The part of an unlocked network that a job needs; fleet/store.ts has it. */
export interface StationFleet {
  network(): Promise<NetworkRecord>;
  nodes(): Promise<NodeRecord[]>;
  node(id: string): Promise<NodeRecord>;
  updateNode(id: string, change: (node: NodeRecord) => NodeRecord): Promise<NodeRecord>;
}

export interface FirmwareBuild {
  /** As the board says it in its hello. */
  readonly firmwareId: string;
  readonly modules: readonly FirmwareModule[];
}

export interface StationParts {
  readonly fleet: StationFleet;
  readonly clock: Clock;
  /** Milliseconds since 1970, for records. */
  nowMs(): number;
  /** Keeps a board's settings safe; nothing that replaces a membership is written before this has resolved. */
  keepBackup(backup: BoardBackup): Promise<void>;
  /** Resets the board into its loader. */
  openFlash(signal: AbortSignal): Promise<FlashSession>;
  /** Opens the same port once the flash session has given it back. */
  openConsole(): Promise<BoardConsole>;
  runtimeFor(chip: FlashSession['chip']): Promise<RuntimeFile>;
  build(): Promise<FirmwareBuild>;
}

export interface StationEvent {
  readonly stage: StationStage;
  /** The stage in words, with a count where there is one. */
  readonly words: string;
  /** 0 to 1 within the stage; null when it has no measure. */
  readonly fraction: number | null;
}

export interface StationOptions {
  readonly signal?: AbortSignal;
  onEvent?(event: StationEvent): void;
}

export interface BoardFacts {
  readonly chip: FlashSession['chip'];
  readonly description: string;
  readonly mac: string;
  readonly flashSizeBytes: number;
}

export interface StationPlan {
  readonly node: NodeRecord;
  readonly flash: FlashPlan;
  readonly runtime: RuntimeFile;
  readonly build: FirmwareBuild;
  /** The board's settings as they were: where they lay and the bytes. Secret: they may hold keys. */
  readonly backup: { readonly at: number; readonly bytes: Uint8Array<ArrayBuffer> };
  /** Whose membership the board carries now. */
  readonly held: HeldIdentity;
  /** What the person should know, in words. */
  readonly notes: readonly string[];
}

export function notesOn(
  node: NodeRecord,
  mac: string,
  problems: readonly string[],
  replaced: boolean,
): string[] {
  const notes: string[] = [];
  if (node.mac !== null && node.mac !== mac) {
    notes.push(`The node "${node.name}" was the board ${node.mac}; ${mac} takes its place.`);
  }
  if (replaced) notes.push('The board had no readable settings; it gets new ones.');
  for (const problem of problems) notes.push(problem);
  return notes;
}
