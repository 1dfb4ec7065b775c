/** Metres to pixels: the whole plan in the picture, north up on the page as y grows downwards. */
import type { Spot, WallPiece } from '../shared/rehearse-ports.ts';

export interface Canvas {
  readonly pxPerM: number;
  /** Metres at the left and the top edge. */
  readonly left: number;
  readonly top: number;
}

const MARGIN_PX = 52;
/** A few nodes on one spot are not to be a picture of centimetres. */
const LEAST_SPAN_M = 10;

export function fit(
  spots: readonly Spot[],
  walls: readonly WallPiece[],
  widthPx: number,
  heightPx: number,
): Canvas {
  const all = [...spots, ...walls.flatMap(({ from, to }) => [from, to])];
  if (all.length === 0) all.push({ x: 0, y: 0 }, { x: 40, y: 24 });
  const span = (values: readonly number[]): [number, number] => {
    const [least, most] = [Math.min(...values), Math.max(...values)];
    const missing = Math.max(0, LEAST_SPAN_M - (most - least)) / 2;
    return [least - missing, most + missing];
  };
  const [left, right] = span(all.map(({ x }) => x));
  const [top, bottom] = span(all.map(({ y }) => y));
  const roomX = Math.max(40, widthPx - 2 * MARGIN_PX);
  const roomY = Math.max(40, heightPx - 2 * MARGIN_PX);
  const pxPerM = Math.min(roomX / (right - left), roomY / (bottom - top));
  return {
    pxPerM,
    left: (left + right) / 2 - widthPx / 2 / pxPerM,
    top: (top + bottom) / 2 - heightPx / 2 / pxPerM,
  };
}

export const toPx = ({ pxPerM, left, top }: Canvas, { x, y }: Spot): Spot => ({
  x: (x - left) * pxPerM,
  y: (y - top) * pxPerM,
});

export const toMetres = ({ pxPerM, left, top }: Canvas, { x, y }: Spot): Spot => ({
  x: Math.round((x / pxPerM + left) * 10) / 10,
  y: Math.round((y / pxPerM + top) * 10) / 10,
});

/** A round length of about this many pixels: 1, 2 or 5 times a power of ten. */
export function roundM(pxPerM: number, aboutPx: number): number {
  const metres = aboutPx / pxPerM;
  const ten = 10 ** Math.floor(Math.log10(metres));
  return ([5, 2, 1].find((times) => times * ten <= metres) ?? 1) * ten;
}
