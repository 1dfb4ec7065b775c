/**
 * Schema versions of everything that is kept. A record says its version in `schema`; older ones are brought up step by
 * step when they are read and written back in the new form when they next change; newer ones are refused, untouched.
 */
import { FleetError } from './fleet-error.ts';

export type JsonObject = Readonly<Record<string, unknown>>;
/** Step n turns version n into version n + 1. */
export type UpgradeSteps = Readonly<Record<number, (old: JsonObject) => JsonObject>>;

/** 2: a rotation of the keys that is under way. */
export const NETWORK_SCHEMA = 2;
export const NODE_SCHEMA = 1;

/** @param what begins the sentence. @throws FleetError file-invalid | newer-schema */
export function upgrade(
  value: JsonObject,
  current: number,
  steps: UpgradeSteps,
  what: string,
): JsonObject {
  const { schema } = value;
  if (typeof schema !== 'number' || !Number.isInteger(schema) || schema < 1) {
    throw new FleetError('file-invalid', `${what} does not say its schema version.`);
  }
  if (schema > current) {
    throw new FleetError(
      'newer-schema',
      `${what} has schema version ${schema}; this program knows up to ${current}. Update the program.`,
    );
  }
  let upgraded = value;
  for (let version = schema; version < current; version++) {
    const step = steps[version];
    if (!step) throw new Error(`the step from schema version ${version} is missing`);
    upgraded = { ...step(upgraded), schema: version + 1 };
  }
  return upgraded;
}
