/**
 * NVS contents as text, in the columns of Espressif's generator: key,type,encoding,value. A row of type `namespace` opens
 * a namespace for the rows after it; `data` carries the value itself, `file` the name of a file that holds it.
 *
 *   key,type,encoding,value
 *   mesh,namespace,,
 *   boot,data,i32,7
 *   name,data,hex2bin,6c616d70
 *
 * Encodings: u8 i8 u16 i16 u32 i32 u64 i64 string hex2bin base64, and binary for files. A field in double quotes may hold commas,
 * line ends and doubled quotes; lines that begin with # and empty lines are skipped.
 * Source: ESP-IDF API guide "NVS Partition Generator Utility", section "CSV File Format".
 */
import { bytesToHex, fromUtf8 } from '../../base/bytes.ts';
import { ImageError } from '../image-error.ts';
import { checkNvsName, packInteger, packString } from './value.ts';
import type { NvsEntry, NvsIntegerKind, NvsLongKind, NvsValue } from './value.ts';

const COLUMNS = ['key', 'type', 'encoding', 'value'];
const SHORT: readonly string[] = ['u8', 'i8', 'u16', 'i16', 'u32', 'i32'];
const LONG: readonly string[] = ['u64', 'i64'];

interface Row {
  line: number;
  fields: string[];
}

export interface CsvOptions {
  /** Contents of a file named in a row of type `file`; may throw ImageError itself. */
  readFile?(name: string): Uint8Array;
}

/** @throws ImageError value-invalid, its message beginning with the number of the line */
export function nvsFromCsv(text: string, options: CsvOptions = {}): NvsEntry[] {
  const rows = rowsOf(text);
  const header = rows.shift();
  if (!header || header.fields.join(',') !== COLUMNS.join(',')) {
    throw bad(header?.line ?? 1, `expected the columns ${COLUMNS.join(',')}`);
  }
  const entries: NvsEntry[] = [];
  const seen = new Map<string, number>();
  let namespace: string | undefined;
  for (const { line, fields } of rows) {
    if (fields.length > 4) throw bad(line, `expected 4 columns, found ${fields.length}`);
    const [key = '', type = '', encoding = '', value = ''] = fields;
    worded(line, () => checkNvsName(type === 'namespace' ? 'namespace' : 'key', key));
    if (type === 'namespace') {
      namespace = key;
      continue;
    }
    if (type !== 'data' && type !== 'file') {
      throw bad(line, `the type is namespace, data or file, found "${type}"`);
    }
    if (namespace === undefined) throw bad(line, 'a namespace row has to come first');
    const id = `${namespace} ${key}`;
    const before = seen.get(id);
    if (before !== undefined) throw bad(line, `"${key}" was given in line ${before} already`);
    seen.set(id, line);
    const read = (): NvsValue =>
      type === 'file' ? fromFile(encoding, value, options) : fromText(encoding, value);
    entries.push({ namespace, key, value: worded(line, read) });
  }
  return entries;
}

/** The same columns; texts as strings, blobs in hexadecimal. Whoever reads it has the secrets. */
export function nvsToCsv(entries: readonly NvsEntry[]): string {
  const lines = [COLUMNS.join(',')];
  const namespaces = new Set(entries.map((entry) => entry.namespace));
  for (const namespace of namespaces) {
    lines.push(`${quoted(namespace)},namespace,,`);
    for (const { key, value } of entries.filter((entry) => entry.namespace === namespace)) {
      const [encoding, text] =
        value.kind === 'blob'
          ? ['hex2bin', bytesToHex(value.bytes)]
          : value.kind === 'string'
            ? ['string', value.text]
            : [value.kind, String(value.value)];
      lines.push(`${quoted(key)},data,${encoding},${quoted(text)}`);
    }
  }
  return `${lines.join('\n')}\n`;
}

function quoted(field: string): string {
  return /[",\r\n#]/.test(field) || field !== field.trim()
    ? `"${field.replaceAll('"', '""')}"`
    : field;
}

function fromText(encoding: string, text: string): NvsValue {
  if (SHORT.includes(encoding) || LONG.includes(encoding)) return integer(encoding, text);
  switch (encoding) {
    case 'string':
      packString(text);
      return { kind: 'string', text };
    case 'hex2bin':
      return { kind: 'blob', bytes: fromHex(text) };
    case 'base64':
      return { kind: 'blob', bytes: fromBase64(text) };
    default:
      throw invalid(`unknown encoding "${encoding}"`);
  }
}

function fromFile(encoding: string, name: string, options: CsvOptions): NvsValue {
  if (!options.readFile) throw invalid('rows of type file cannot be read here');
  const bytes = options.readFile(name);
  if (encoding === 'binary') return { kind: 'blob', bytes };
  if (encoding === 'string' || encoding === 'hex2bin' || encoding === 'base64') {
    const text = fromUtf8(bytes);
    return fromText(encoding, encoding === 'string' ? text : text.trim());
  }
  throw invalid(`a file is read as binary, string, hex2bin or base64, not as "${encoding}"`);
}

function integer(encoding: string, text: string): NvsValue {
  if (!/^[+-]?(\d+|0x[0-9a-f]+)$/i.test(text)) throw invalid(`"${text}" is not a whole number`);
  const sign = text.startsWith('-') ? -1n : 1n;
  const big = sign * BigInt(text.replace(/^[+-]/, ''));
  packInteger(encoding as NvsIntegerKind | NvsLongKind, big);
  return LONG.includes(encoding)
    ? { kind: encoding as NvsLongKind, value: big }
    : { kind: encoding as NvsIntegerKind, value: Number(big) };
}

function fromHex(text: string): Uint8Array {
  if (!/^([0-9a-f]{2})*$/i.test(text)) throw invalid('hex2bin expects pairs of hexadecimal digits');
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}

function fromBase64(text: string): Uint8Array {
  if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || text.length % 4 !== 0) {
    throw invalid('base64 expects groups of four characters');
  }
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

/** Takes the text apart; quotes may hold commas and line ends. */
function rowsOf(text: string): Row[] {
  const rows: Row[] = [];
  let line = 1;
  let at = text.startsWith('\ufeff') ? 1 : 0;
  while (at < text.length) {
    const startLine = line;
    const fields: string[] = [];
    const skipped = text[at] === '#';
    for (let ended = false; !ended;) {
      let field: string;
      if (!skipped && text[at] === '"') {
        const close = closingQuote(text, at);
        if (close < 0) throw bad(startLine, 'a quote is not closed');
        field = text.slice(at + 1, close).replaceAll('""', '"');
        line += text.slice(at, close).split('\n').length - 1;
        at = close + 1;
        if (at < text.length && !',\r\n'.includes(text[at]!)) {
          throw bad(line, 'expected a comma or the end of the line after a quote');
        }
      } else {
        const stop = text.slice(at).search(skipped ? /\n/ : /[,\n]/);
        const end = stop < 0 ? text.length : at + stop;
        field = text.slice(at, end).trim();
        at = end;
      }
      fields.push(field);
      if (text[at] === ',') at++;
      else {
        ended = true;
        if (text[at] === '\r') at++;
        at++;
        line++;
      }
    }
    if (!skipped && fields.some((field) => field !== '')) rows.push({ line: startLine, fields });
  }
  return rows;
}

function closingQuote(text: string, open: number): number {
  for (let at = open + 1; at < text.length; at++) {
    if (text[at] !== '"') continue;
    if (text[at + 1] === '"') at++;
    else return at;
  }
  return -1;
}

function worded<T>(line: number, action: () => T): T {
  try {
    return action();
  } catch (error) {
    if (error instanceof ImageError) throw bad(line, error.message.replace(/^NVS: /, ''));
    throw error;
  }
}

function invalid(message: string): ImageError {
  return new ImageError('value-invalid', message);
}

function bad(line: number, message: string): ImageError {
  return invalid(`line ${line}: ${message}`);
}
