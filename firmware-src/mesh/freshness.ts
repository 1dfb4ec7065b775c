/** (boot, sequence) counters: the newer start wins, within one start the higher sequence. */
export function isNewer(
  boot: number,
  sequence: number,
  thanBoot: number,
  thanSequence: number,
): boolean {
  return boot > thanBoot || (boot === thanBoot && sequence > thanSequence);
}
