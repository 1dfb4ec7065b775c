/** The stages of a job, their words and their share of the bar. */

export const STAGES = [
  { id: 'connect', title: 'Connect', weight: 6 },
  { id: 'build', title: 'Build', weight: 10 },
  { id: 'plan', title: 'Plan', weight: 6 },
  { id: 'write', title: 'Write', weight: 58 },
  { id: 'join', title: 'Join', weight: 20 },
] as const;
export type StageId = (typeof STAGES)[number]['id'];

const TOTAL = STAGES.reduce((sum, stage) => sum + stage.weight, 0);

/** Share of the whole job, 0 to 1, when `stage` is done to `fraction`. */
export function overall(stage: StageId, fraction: number): number {
  let before = 0;
  for (const entry of STAGES) {
    if (entry.id === stage)
      return (before + entry.weight * Math.min(1, Math.max(0, fraction))) / TOTAL;
    before += entry.weight;
  }
  return 1;
}

/** Milliseconds left in a stage, from the pace so far; null while too little is known to say. */
export function timeLeftMs(done: number, total: number, elapsedMs: number): number | null {
  if (total <= 0 || done <= 0 || elapsedMs < 1500 || done / total < 0.04) return null;
  return (elapsedMs / done) * (total - done);
}
