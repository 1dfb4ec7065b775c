/**
 * Kinds of surroundings as path loss exponents (Rappaport, Wireless Communications, table 4.2: 2 in free space, 2.7 to 3.5 in
 * cities, 4 to 6 obstructed in buildings) with the shadowing that goes with them. For planning, not for a certain house.
 */
import type { Air, AirOffer } from '../shared/rehearse-ports.ts';

/** As app/sim/radio/propagation.ts: 19.5 dBm less 40 dB over the first metre; half is lost at -95 dBm, steps of 1.5 dB. */
const AT_ONE_METRE_DBM = 19.5 - 40;
const TENTH_LOST_DBM = -95 + 1.5 * Math.log(9);

const offer = (
  id: Air,
  title: string,
  help: string,
  exponent: number,
  shadowDb: number,
): AirOffer => ({
  id,
  title,
  help,
  propagation: { exponent, shadowDb },
  reachM: reachM(exponent),
});

/** Where a tenth of the frames is lost, on the average of all shadows. */
export function reachM(exponent: number): number {
  return 10 ** ((AT_ONE_METRE_DBM - TENTH_LOST_DBM) / (10 * exponent));
}

export const AIRS_OFFERED: readonly AirOffer[] = [
  offer('open', 'Open ground', 'few obstacles between the nodes', 2.5, 3),
  offer('house', 'House', 'indoors with some light walls', 3, 4),
  offer('concrete', 'Concrete', 'obstructed on every side', 4, 6),
];

export const WALL_KINDS = [
  { lossDb: 3, title: 'Plasterboard, 3 dB' },
  { lossDb: 8, title: 'Brick, 8 dB' },
  { lossDb: 15, title: 'Concrete, 15 dB' },
  { lossDb: 30, title: 'Steel, 30 dB' },
] as const;
