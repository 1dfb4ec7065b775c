/**
 * The label that is stuck on a node: pure functions from what the fleet knows to an SVG in millimetres. Nothing secret is on it,
 * and its code holds a text of our own that no phone opens as an address.
 *
 *   +--------------------------------+     code:  MESHWRIGHT:NODE:<network>:<MAC>
 *   | ## # ##   lamp-1               |            network = the first 8 hex digits of the network's id
 *   | # ## ##   [#] hall             |            letters in capitals, so that the code is of the small, "alphanumeric" kind
 *   | ## #  #   24:0a:c4:00:00:01    |
 *   | # ##  #   1A2B3C4D - ESP32-S3  |     Source of the code: ISO/IEC 18004, model 2, error correction M (15 %)
 *   +--------------------------------+
 */
import { encodeQR } from 'qr';

export interface LabelNode {
  readonly name: string;
  readonly zone: string;
  /** Index into the fixed zone palette. */
  readonly zoneColour: number;
  /** Lower case with colons. */
  readonly mac: string;
  /** As people write it: "ESP32-S3". */
  readonly chip: string;
  /** 16 hex digits. */
  readonly networkId: string;
}

export interface LabelSize {
  readonly id: string;
  readonly title: string;
  /** Of one label. */
  readonly widthMm: number;
  readonly heightMm: number;
  /** Of the paper. */
  readonly pageWidthMm: number;
  readonly pageHeightMm: number;
  readonly columns: number;
  readonly rows: number;
  /** Where the first label begins, and how far it is to the next one. */
  readonly leftMm: number;
  readonly topMm: number;
  readonly pitchXMm: number;
  readonly pitchYMm: number;
}

function roll(id: string, title: string, widthMm: number, heightMm: number): LabelSize {
  const page = { pageWidthMm: widthMm, pageHeightMm: heightMm, columns: 1, rows: 1 };
  const place = { leftMm: 0, topMm: 0, pitchXMm: widthMm, pitchYMm: heightMm };
  return { id, title, widthMm, heightMm, ...page, ...place };
}

/** The sheet is the common one with 3 by 7 labels (63.5 by 38.1 mm), as in Avery's data sheet of L7160. */
export const LABEL_SIZES: readonly LabelSize[] = [
  {
    id: 'a4',
    title: 'A4 sheet, 21 labels of 63.5 × 38.1 mm',
    widthMm: 63.5,
    heightMm: 38.1,
    pageWidthMm: 210,
    pageHeightMm: 297,
    columns: 3,
    rows: 7,
    leftMm: 7.25,
    topMm: 15.15,
    pitchXMm: 66.04,
    pitchYMm: 38.1,
  },
  roll('62x29', 'Label printer, 62 × 29 mm', 62, 29),
  roll('50x30', 'Label printer, 50 × 30 mm', 50, 30),
];

/** The zone palette on white paper: that of the light theme. */
export const ZONE_INKS = [
  '#0072b2',
  '#c95500',
  '#00845f',
  '#b0558a',
  '#b97d00',
  '#2b93c9',
  '#77700a',
  '#666f6d',
] as const;

const PREFIX = 'MESHWRIGHT:NODE:';
const PAYLOAD = /^MESHWRIGHT:NODE:([0-9A-F]{8}):([0-9A-F]{2}(?::[0-9A-F]{2}){5})$/;
const NETWORK_DIGITS = 8;

/** What people compare when two networks are on one bench. */
export function shortNetworkId(networkId: string): string {
  return networkId.slice(0, NETWORK_DIGITS).toUpperCase();
}

/** What the code says. */
export function labelText({ networkId, mac }: Pick<LabelNode, 'networkId' | 'mac'>): string {
  return `${PREFIX}${shortNetworkId(networkId)}:${mac.toUpperCase()}`;
}

/** Of a text that was scanned; null when it is not one of ours. */
export function readLabelText(text: string): { network: string; mac: string } | null {
  const found = PAYLOAD.exec(text.trim().toUpperCase());
  return found ? { network: found[1]!, mac: found[2]!.toLowerCase() } : null;
}

const MARGIN_MM = 2;
/** Larger reads no better and leaves the words no room. */
const CODE_MOST_MM = 25;
/** White around a code, in modules; the paper's own margin is not counted on. */
const QUIET_MODULES = 4;
const INK = '#14201e';
const INK_SOFT = '#43504d';

/** One label, as an SVG document of the label's size. */
export function labelSvg(node: LabelNode, { widthMm, heightMm }: LabelSize): string {
  const codeMm = Math.min(CODE_MOST_MM, heightMm - 2 * MARGIN_MM);
  const left = MARGIN_MM + codeMm + 1;
  const room = widthMm - left - MARGIN_MM;
  const middle = heightMm / 2;
  const name = fitted(node.name, room, 5.2);
  const zone = fitted(node.zone === '' ? 'no zone' : node.zone, room - 4.2, 3.4);
  const mac = fitted(node.mac, room, 3);
  const last = fitted(`${shortNetworkId(node.networkId)} · ${node.chip}`, room, 3);
  const zoneInk = ZONE_INKS[node.zoneColour % ZONE_INKS.length] ?? ZONE_INKS[7];
  const words = [
    line(left, middle - 5.4, name, INK, 'font-weight="700"'),
    `<rect x="${mm(left)}" y="${mm(middle - 2.7)}" width="3" height="3" rx="0.6" fill="${zoneInk}"/>`,
    line(left + 4.2, middle - 0.1, zone, INK),
    line(left, middle + 5.2, mac, INK, `font-family="${MONO}"`),
    line(left, middle + 9.4, last, INK_SOFT),
  ];
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${widthMm}mm" height="${heightMm}mm" viewBox="0 0 ${widthMm} ${heightMm}" font-family="${SANS}">`,
    `<rect width="${widthMm}" height="${heightMm}" fill="#fff"/>`,
    code(labelText(node), MARGIN_MM, middle - codeMm / 2, codeMm),
    ...words,
    '</svg>',
  ].join('');
}

export interface PlacedLabel<T> {
  readonly label: T;
  readonly xMm: number;
  readonly yMm: number;
}

/** Pages of labels, line by line. @param skip places of the first sheet that were used before */
export function labelPages<T>(labels: readonly T[], size: LabelSize, skip = 0): PlacedLabel<T>[][] {
  const perPage = size.columns * size.rows;
  const first = perPage === 1 ? 0 : Math.min(Math.max(0, Math.trunc(skip)), perPage - 1);
  const pages: PlacedLabel<T>[][] = [];
  labels.forEach((label, i) => {
    const place = (first + i) % perPage;
    const page = Math.floor((first + i) / perPage);
    (pages[page] ??= []).push({
      label,
      xMm: size.leftMm + (place % size.columns) * size.pitchXMm,
      yMm: size.topMm + Math.floor(place / size.columns) * size.pitchYMm,
    });
  });
  return pages;
}

const SANS = "system-ui,'Segoe UI',Roboto,'Liberation Sans',Arial,sans-serif";
const MONO = "'DejaVu Sans Mono','Cascadia Mono',Menlo,Consolas,monospace";

interface Fitted {
  readonly text: string;
  readonly sizeMm: number;
}

const SMALLEST_MM = 2.1;

/** Share of its height that a letter is wide, on the safe side; fonts cannot be measured here. */
function widthOf(letter: string): number {
  const code = letter.codePointAt(0)!;
  if (code > 0x2e80) return 1.05;
  return /[mwMW@%]/.test(letter) ? 0.95 : 0.63;
}

function widthIn(text: string): number {
  return [...text].reduce((sum, letter) => sum + widthOf(letter), 0);
}

/** Smaller letters where the room is short, then a cut. */
function fitted(text: string, roomMm: number, sizeMm: number): Fitted {
  const fits = Math.min(sizeMm, roomMm / Math.max(1, widthIn(text)));
  if (fits >= SMALLEST_MM) return { text, sizeMm: fits };
  const letters = [...text];
  while (letters.length > 1 && widthIn(`${letters.join('')}…`) * SMALLEST_MM > roomMm) {
    letters.pop();
  }
  return { text: `${letters.join('')}…`, sizeMm: SMALLEST_MM };
}

function line(x: number, y: number, { text, sizeMm }: Fitted, ink: string, more = ''): string {
  return `<text x="${mm(x)}" y="${mm(y)}" font-size="${mm(sizeMm)}" fill="${ink}" ${more}>${escaped(text)}</text>`;
}

/** Runs of dark modules as one path, so that no hairline shows between them. */
function code(text: string, x: number, y: number, sizeMm: number): string {
  const rows = encodeQR(text, 'raw', { ecc: 'medium', border: QUIET_MODULES });
  const module = sizeMm / rows.length;
  let path = '';
  rows.forEach((row, v) => {
    for (let u = 0; u < row.length; u++) {
      let run = 0;
      while (row[u + run]) run++;
      if (run > 0) path += `M${u} ${v}h${run}v1h-${run}z`;
      u += run;
    }
  });
  return `<path transform="translate(${mm(x)} ${mm(y)}) scale(${module.toFixed(5)})" shape-rendering="crispEdges" fill="#000" d="${path}"/>`;
}

function mm(value: number): string {
  return String(Math.round(value * 1000) / 1000);
}

const ENTITIES: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => ENTITIES[letter]!);
}
