/** What a board has, as the plan wants to know it: asked over the loader, nothing is read back. */
import type { FlashSession } from './flash-session.ts';
import type { BoardOnCable, FlashRegion } from './plan.ts';

/**
 * The MD5 of each wanted region's place on the board. Regions beyond the board's flash are left
 * out: the plan refuses them.
 * @throws FlashError
 */
export async function surveyBoard(
  session: FlashSession,
  want: readonly FlashRegion[],
  onProgress?: (doneRegions: number, totalRegions: number) => void,
): Promise<BoardOnCable> {
  const { chip, mac, flashSizeBytes, secured } = session;
  const md5: Record<string, string> = {};
  let done = 0;
  for (const { name, at, bytes } of want) {
    if (bytes.length > 0 && at + bytes.length <= flashSizeBytes) {
      md5[name] = await session.md5(at, bytes.length);
    }
    onProgress?.(++done, want.length);
  }
  return { chip, mac, flashSizeBytes, secured, md5 };
}
