/**
 * What was done to boards: one record for each job, kept with its network and encrypted like it (MAC addresses and names are
 * in it), so that a job that a reload cut off can be told and taken up again. No record holds a key: records are made of
 * words, times and addresses, and what a board printed is cut down to what cannot be one.
 *
 *   name of a blob: the job's id    bytes: the record as JSON
 *
 * The log is bounded: a record by LONGEST_TEXT, their number by MOST_RECORDS; the oldest finished ones go first.
 */
import { fromUtf8, utf8 } from '../base/bytes.ts';
import type { BlobStore } from './blob-store.ts';
import { FleetError } from './fleet-error.ts';
import { FieldReader, parseObject } from './json-fields.ts';
import type { OpenNetwork } from './store.ts';

export const JOB_LOG_DATABASE = 'meshwright-jobs';
export const MOST_RECORDS = 200;
/** For people. */
export const JOB_LOG_LIMIT_WORDS = `the last ${MOST_RECORDS} jobs`;
const LONGEST_TEXT = 2000;
const MOST_STEPS = 60;
const SCHEMA = 1;

export const JOB_OUTCOMES = [
  'running', // or waiting for the person
  'passed',
  'restored', // an old identity was put back
  'failed',
  'cancelled',
  'interrupted', // the page went away in the middle
] as const;
export type JobOutcome = (typeof JOB_OUTCOMES)[number];

export interface JobStep {
  /** In words. */
  readonly what: string;
  readonly atMs: number;
}

/** The advice that was given; see Problem in the screens. */
export interface JobAdvice {
  readonly code: string;
  readonly title: string;
  readonly cause: string;
  readonly next: string;
  readonly details: string;
}

export interface JobRecord {
  readonly id: string;
  /** Which page runs it: a page that is gone runs nothing any more. */
  readonly page: string;
  readonly startedAtMs: number;
  readonly endedAtMs: number | null;
  readonly outcome: JobOutcome;
  /** The station's stage that it is in or ended in. */
  readonly stage: string;
  readonly board: {
    readonly kind: string;
    readonly label: string;
    readonly mac: string | null;
    readonly chip: string | null;
  };
  readonly node: { readonly id: string; readonly name: string } | null;
  readonly steps: readonly JobStep[];
  readonly advice: JobAdvice | null;
}

export class JobLog {
  readonly #blobs: BlobStore;
  /** Writes follow each other, so that an older state never lands on a newer one. */
  #writing: Promise<void> = Promise.resolve();

  constructor(blobs: BlobStore) {
    this.#blobs = blobs;
  }

  /** Newest first. Records of another version are left out. */
  async all(network: OpenNetwork): Promise<JobRecord[]> {
    await this.#writing.catch(() => undefined);
    const records = (await this.#blobs.all(network)).flatMap(({ bytes }) => readRecord(bytes));
    return records.sort((a, b) => b.startedAtMs - a.startedAtMs || (a.id < b.id ? 1 : -1));
  }

  put(network: OpenNetwork, record: JobRecord): Promise<void> {
    const bytes = utf8(JSON.stringify({ schema: SCHEMA, ...bounded(record) }));
    return this.#inTurn(() => this.#blobs.put(network, { name: record.id, bytes }));
  }

  /** Drops the oldest finished records above the bound. */
  async trim(network: OpenNetwork): Promise<void> {
    const records = await this.all(network);
    const finished = records.filter((record) => record.outcome !== 'running');
    const excess = finished.slice(-Math.max(0, records.length - MOST_RECORDS));
    if (records.length <= MOST_RECORDS) return;
    for (const { id } of excess) await this.#inTurn(() => this.#blobs.remove(network, id));
  }

  /** All but the jobs that run. */
  async clear(network: OpenNetwork, running: readonly string[] = []): Promise<void> {
    for (const { name } of await this.#blobs.all(network)) {
      if (!running.includes(name)) await this.#inTurn(() => this.#blobs.remove(network, name));
    }
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(work);
    return this.#writing;
  }
}

/** Runs that may be a key, in hex or base64: what a board prints is not ours to trust. MAC addresses and MD5s stay. */
const MAY_BE_A_KEY = /(?<![\w+/-])(?=[\w+/-]*\d)(?:[0-9a-fA-F]{33,}|[\w+/-]{40,}={0,2})/g;

export function withoutSecrets(text: string): string {
  return text.replaceAll(MAY_BE_A_KEY, '(hidden)');
}

function bounded(record: JobRecord): JobRecord {
  const short = (text: string): string => withoutSecrets(text).slice(0, LONGEST_TEXT);
  const { advice, steps, board, node } = record;
  return {
    ...record,
    board: { ...board, label: short(board.label) },
    node: node && { id: node.id, name: node.name.slice(0, LONGEST_TEXT) },
    steps: steps.slice(-MOST_STEPS).map(({ what, atMs }) => ({ what: short(what), atMs })),
    advice: advice && {
      code: advice.code,
      title: short(advice.title),
      cause: short(advice.cause),
      next: short(advice.next),
      details: short(advice.details),
    },
  };
}

/** None for a record that is not of this version: it is history, and its loss stops nobody. */
function readRecord(bytes: Uint8Array): JobRecord[] {
  try {
    const what = 'The job';
    const fields = new FieldReader(parseObject(fromUtf8(bytes), what), what);
    fields.integer('schema', SCHEMA, SCHEMA);
    const [board, node] = [fields.object('board'), fields.objectOrNull('node')];
    const advice = fields.objectOrNull('advice');
    return [
      {
        id: fields.text('id'),
        page: fields.text('page'),
        startedAtMs: fields.timeMs('startedAtMs'),
        endedAtMs: fields.timeMsOrNull('endedAtMs'),
        outcome: fields.oneOf('outcome', JOB_OUTCOMES),
        stage: fields.text('stage'),
        board: {
          kind: board.text('kind'),
          label: board.text('label'),
          mac: board.textOrNull('mac'),
          chip: board.textOrNull('chip'),
        },
        node: node && { id: node.text('id'), name: node.text('name') },
        steps: fields.list('steps').map((step) => ({
          what: step.text('what'),
          atMs: step.timeMs('atMs'),
        })),
        advice: advice && {
          code: advice.text('code'),
          title: advice.text('title'),
          cause: advice.text('cause'),
          next: advice.text('next'),
          details: advice.text('details'),
        },
      },
    ];
  } catch (error) {
    if (error instanceof FleetError) return [];
    throw error;
  }
}

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const time = (atMs: number): string => new Date(atMs).toISOString();

/** For a file or a bug report. */
export function jobLogText(records: readonly JobRecord[]): string {
  return withoutSecrets(records.map(recordText).join('\n\n')) + '\n';
}

function recordText({ board, node, steps, advice, ...job }: JobRecord): string {
  const ended = job.endedAtMs === null ? '' : `, ${seconds(job.endedAtMs - job.startedAtMs)}`;
  const lines = [
    `${time(job.startedAtMs)}  ${job.outcome.toUpperCase()}${ended}`,
    `  board  ${board.label} (${board.kind}), ${board.chip ?? 'chip unknown'}, ${board.mac ?? 'MAC unknown'}`,
    `  node   ${node?.name ?? 'none chosen'}`,
    ...steps.map(({ what, atMs }) => `  ${seconds(atMs - job.startedAtMs).padStart(8)}  ${what}`),
  ];
  if (advice) {
    lines.push(`  ${advice.title} ${advice.cause}`.trimEnd(), `  next: ${advice.next}`);
    lines.push(...advice.details.split('\n').map((line) => `    ${line}`));
  }
  return lines.join('\n');
}
