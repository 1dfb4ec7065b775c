/** The fixed palette of zones: eight colours that stay apart for colour-blind eyes (after Okabe and Ito, 2008). */

export const ZONE_COLOUR_COUNT = 8;

/** CSS colour of a palette index. */
export function zoneColour(index: number): string {
  return `var(--zone-${((index % ZONE_COLOUR_COUNT) + ZONE_COLOUR_COUNT) % ZONE_COLOUR_COUNT})`;
}

/** Palette index of a zone: its own when the fleet knows it, else one that depends on its name only. */
export function zoneIndex(
  zone: string,
  zones: readonly { readonly name: string; readonly colour: number }[],
): number {
  const known = zones.find((entry) => entry.name === zone);
  if (known) return known.colour;
  if (zone === '') return ZONE_COLOUR_COUNT - 1;
  let hash = 0;
  for (const letter of zone) hash = (hash * 31 + letter.codePointAt(0)!) >>> 0;
  return hash % ZONE_COLOUR_COUNT;
}

/** The first palette index that no zone uses yet. */
export function freeColour(zones: readonly { readonly colour: number }[]): number {
  for (let index = 0; index < ZONE_COLOUR_COUNT; index++) {
    if (!zones.some((zone) => zone.colour === index)) return index;
  }
  return zones.length % ZONE_COLOUR_COUNT;
}
