/** One report of the sensor. */
export function reportText(count: number, nowMs: number): string {
  return 'count ' + count.toString() + ' after ' + Math.floor(nowMs / 1000).toString() + ' s';
}
