/**
 * For bundlers: typescript.js as a JavaScript module, with its names as exports.
 *
 * TypeScript is published as one function around everything, which hands out its names as getters of one object. V8 reads
 * such a file twice before it runs, and `ts.isIdentifier` costs a look into two thousand names and the call of a getter,
 * a few million times a build. As a module it is read once, and `ts.isIdentifier` of `import * as ts` is that function.
 * The parts that nobody imports (the server of editors) are left out. Nothing else is changed.
 */
const FILE = /\/node_modules\/typescript\/lib\/typescript\.js$/;

const BEGIN = 'var ts = {}; ((module) => {\n"use strict";\n';
const END = '// Annotate the CommonJS export names for ESM import in node:\n';
const EXPORTS =
  /var typescript_exports = \{\};\n__export\(typescript_exports, \{\n([^}]*)\}\);\nmodule\.exports = __toCommonJS\(typescript_exports\);\n/;
const EXPORTED = /^ {2}(\w+): \(\) => (\w+),?$/gm;
/** A namespace within TypeScript, made by a call that a bundler must keep, used or not. */
const NAMESPACE = /^var (\w+) = \{\};\n__export\(\1, \{/gm;
const MAKE_NAMESPACE = '    __defProp(target, name, { get: all[name], enumerable: true });\n};';

/** Members of a class that are set behind it, and its other name: a few of them kept the server, and that everything. */
const STATICS =
  /^((?:(?:\/\/|\/\*\*) .*\n|(_\w+)\.\w+ = (?:.*|\{\n(?: {2}.*\n)*\});\n)+)var (\w+) = \2;\n/gm;
/** What editors offer to mend or to turn around announces itself; a bundler may leave out what nobody here asks for. */
const OFFERS = /^(?=register(?:CodeFix|Refactor)\()/gm;
/** A browser has no `require`, and TypeScript does without. */
const WITHOUT_REQUIRE = 'const require = undefined;\n';

/** @throws Error for a release of TypeScript that is put together in another way. */
export function typescriptModule(code: string): string {
  const from = code.indexOf(BEGIN);
  const to = code.lastIndexOf(END);
  const list = EXPORTS.exec(code);
  const makeNamespace = code.indexOf(MAKE_NAMESPACE);
  if (from < 0 || to < 0 || list === null || makeNamespace < 0) {
    throw new Error('typescript.js is not put together as typescript-bundle.ts expects');
  }
  const names = [...list[1]!.matchAll(EXPORTED)].map(([, name = '', local = '']) =>
    name === local ? name : `${local} as ${name}`,
  );
  const body = code
    .slice(from + BEGIN.length, to)
    .replace(list[0], '')
    .replace(MAKE_NAMESPACE, MAKE_NAMESPACE.replace(/\};$/, '  return target;\n};'))
    .replace(NAMESPACE, 'var $1 = /* @__PURE__ */ __export({}, {')
    .replace(STATICS, 'var $3 = /* @__PURE__ */ (() => {\n$1return $2;\n})();\n')
    .replace(OFFERS, '/* @__PURE__ */ ');
  return `${WITHOUT_REQUIRE}${body}\nexport { ${names.join(', ')} };\n`;
}

/** The same as a plugin of Vite. */
export const typescriptBundle = {
  name: 'typescript-bundle',
  apply: 'build' as const,
  enforce: 'pre' as const,
  transform: (code: string, id: string) =>
    FILE.test(id) ? { code: typescriptModule(code), map: null } : null,
};
