/** Words of this screen that several parts say. */
import type { NodeTold, Standing } from '../shared/rehearse-ports.ts';

export const STANDING_WORDS: Readonly<Record<Standing, string>> = {
  live: 'live',
  seeking: 'seeking a root',
  starting: 'starting',
  quiet: 'quiet: off, still counted in',
  lost: 'lost: off, counted out',
  off: 'off',
};

/** Virtual time as m:ss.t, with hours when there are some. */
export function worldTime(ms: number): string {
  const tenths = Math.floor(ms / 100);
  const seconds = Math.floor(tenths / 10);
  const two = (value: number): string => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor(seconds / 60) % 60;
  const end = `${two(seconds % 60)}.${tenths % 10}`;
  return hours > 0 ? `${hours}:${two(minutes)}:${end}` : `${minutes}:${end}`;
}

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** 0.93, 4.2, 37: as exact as anybody reads it. */
export function ratio(value: number): string {
  return `${value < 1 ? value.toFixed(2) : value < 10 ? value.toFixed(1) : Math.round(value)}×`;
}

export const metres = (value: number): string =>
  `${value < 10 && value % 1 !== 0 ? value.toFixed(1) : Math.round(value).toLocaleString('en')} m`;

/** Of the picture, for whoever does not see it. */
export function nodeWords(
  name: string,
  zone: string,
  told: NodeTold | null,
  parent: string | null,
): string {
  const place = told?.isRoot ? 'root' : parent ? `below ${parent}` : null;
  return [name, place, zone ? `zone ${zone}` : null, told ? STANDING_WORDS[told.standing] : null]
    .filter(Boolean)
    .join(', ');
}
