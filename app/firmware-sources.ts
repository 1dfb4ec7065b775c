/** Texts that the app carries: the firmware's sources, and the examples that an application can begin with. */
import { featureNames } from './compiler/firmware.ts';
import type {
  ApplicationFiles,
  ApplicationTemplate,
  FeatureOffer,
  FeatureValue,
} from './views/shared/firmware-ports.ts';

const sourceTexts = import.meta.glob<string>(
  ['../firmware-src/**/*.ts', '!../firmware-src/**/*.test.ts', '!../firmware-src/**/testing/**'],
  { query: '?raw', import: 'default', eager: true },
);
const exampleTexts = import.meta.glob<string>(['../examples/**/*.ts', '!../**/*.test.ts'], {
  query: '?raw',
  import: 'default',
  eager: true,
});

/** Text by path inside firmware-src. */
export const firmwareSources: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(sourceTexts).map(([path, text]) => [path.replace('../firmware-src/', ''), text]),
);

const DECLARATION =
  /(?:\/\*\*((?:[^*]|\*(?!\/))*)\*\/\s*)?^export const ([A-Z][A-Z0-9_]*)\s*(?::[^=]+)?=\s*(true|false|\d+|'[^']*')\s*(?:as [^;]+)?;/gm;

/** The switches of features.ts with what their comments say; what the build itself sets is none of them. */
export function featureOffers(sources: Readonly<Record<string, string>>): FeatureOffer[] {
  const names = new Set(featureNames(sources));
  return [...(sources['features.ts'] ?? '').matchAll(DECLARATION)]
    .map(([, comment = '', name = '', value = '']) => ({
      name,
      help: wordsOf(comment),
      value: valueOf(value),
    }))
    .filter(({ name }) => names.has(name));
}

function valueOf(text: string): FeatureValue {
  if (text === 'true' || text === 'false') return text === 'true';
  return text.startsWith("'") ? text.slice(1, -1) : Number(text);
}

const wordsOf = (comment: string): string =>
  comment
    .replace(/^\s*\*?\s?/gm, ' ')
    .replace(/\s+/g, ' ')
    .trim();

/** An example is a folder with a main.ts, or a single file. */
export function templatesFrom(texts: Readonly<Record<string, string>>): ApplicationTemplate[] {
  const byName = new Map<string, Record<string, string>>();
  for (const [path, text] of Object.entries(texts)) {
    const [name = '', ...rest] = path.replace(/^.*?examples\//, '').split('/');
    const inside = rest.length > 0 ? rest.join('/') : 'main.ts';
    const files = byName.get(name.replace(/\.ts$/, '')) ?? {};
    files[inside] = text;
    byName.set(name.replace(/\.ts$/, ''), files);
  }
  return [...byName]
    .filter(([, files]) => files['main.ts'] !== undefined)
    .map(([name, files]) => ({ name: titleOf(name), help: helpOf(files), files }))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

const titleOf = (name: string): string =>
  name.charAt(0).toUpperCase() + name.slice(1).replaceAll('-', ' ');

/** The first sentence of the comment that the entry opens with. */
function helpOf(files: ApplicationFiles): string {
  const comment = /^\s*\/\*\*([\s\S]*?)\*\//.exec(files['main.ts'] ?? '')?.[1] ?? '';
  const words = wordsOf(comment);
  return /^.*?[.!?](?=\s|$)/.exec(words)?.[0] ?? words;
}

export const applicationTemplates: readonly ApplicationTemplate[] = templatesFrom(exampleTexts);
