// Child process: runs TypeScript programs in V8. stdin: JSON [{files, entry}], stdout: JSON [{output, error}].
import * as ts from 'typescript';

let text = '';
for await (const chunk of process.stdin) text += chunk;

const toUrl = (code) => `data:text/javascript;base64,${Buffer.from(code).toString('base64')}`;

function resolve(from, specifier) {
  const parts = from.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

function urlOf(path, program, made) {
  const known = made.get(path);
  if (known !== undefined) return known;
  const { outputText } = ts.transpileModule(program.files[path], {
    compilerOptions: {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.ESNext,
      verbatimModuleSyntax: true,
    },
  });
  const linked = outputText.replace(
    /^((?:import|export)\b[^;]*?['"])(\.[^'"]+)(['"])/gm,
    (_, before, specifier, after) =>
      before + urlOf(resolve(path, specifier), program, made) + after,
  );
  const url = toUrl(`const console = globalThis.capture;\n${linked}\n//${program.id}`);
  made.set(path, url);
  return url;
}

const results = [];
for (const [id, program] of JSON.parse(text).entries()) {
  let output = '';
  globalThis.capture = {
    log: (...values) => {
      // As consoles show it: the negative zero has its sign.
      output += `${values.map((one) => (Object.is(one, -0) ? '-0' : String(one))).join(' ')}\n`;
    },
  };
  let error = '';
  try {
    await import(urlOf(program.entry, { ...program, id }, new Map()));
  } catch (caught) {
    error = String(caught);
  }
  results.push({ output, error });
}
process.stdout.write(JSON.stringify(results));
