/**
 * Takes a module that keeps state apart: what can be evaluated once for all nodes, and what each node needs of its own.
 *
 *   class Board { ... }               -> main.shared.ts   evaluated once: V8 learns the shape of one class, not of one for each node
 *   const board = new Board();        -> main.ts          evaluated at every start
 *   export function step() { board }  -> main.ts          for it names what is there
 *
 * (With 400 nodes, 400 classes of one text made every property access in them a search: the whole simulation took 1.7 times as long.)
 */
import * as ts from 'typescript';

export interface ModuleParts {
  readonly shared: { readonly path: string; readonly text: string };
  readonly own: string;
}

/** @param isStateful says it of one top-level statement. @returns undefined when there is nothing to take apart */
export function takeApart(
  path: string,
  text: string,
  isStateful: (statement: ts.Statement) => boolean,
): ModuleParts | undefined {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true);
  const imports = source.statements.filter((one) => ts.isImportDeclaration(one));
  const rest = source.statements.filter((one) => !ts.isImportDeclaration(one));
  // Forms whose names would have to be followed by hand.
  if (rest.some((one) => ts.isExportDeclaration(one) || ts.isExportAssignment(one))) {
    return undefined;
  }
  const own = new Set(rest.filter(isStateful));
  for (let before = -1; before !== own.size;) {
    before = own.size;
    const names = new Set([...own].flatMap(namesOf));
    for (const one of rest) if (mentions(one, names)) own.add(one);
  }
  const shared = rest.filter((one) => !own.has(one));
  if (!shared.some((one) => ts.isClassDeclaration(one))) return undefined;
  const sharedPath = path.replace(/\.ts$/, '.shared.ts');
  const sharedFile = `./${sharedPath.slice(sharedPath.lastIndexOf('/') + 1)}`;
  const textOf = (one: ts.Statement): string => one.getText(source);
  const head = imports.map(textOf);
  const values = shared.filter((one) => !isType(one));
  return {
    shared: {
      path: sharedPath,
      text: [
        ...head,
        ...shared.map((one) => (isExported(one) ? textOf(one) : `export ${textOf(one)}`)),
      ].join('\n'),
    },
    own: [
      ...head,
      `import { ${values.flatMap(namesOf).join(', ')} } from '${sharedFile}';`,
      `export { ${values.filter(isExported).flatMap(namesOf).join(', ')} } from '${sharedFile}';`,
      ...shared.filter(isType).map(textOf),
      ...rest.filter((one) => own.has(one)).map(textOf),
    ].join('\n'),
  };
}

function namesOf(statement: ts.Statement): string[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.flatMap(({ name }) =>
      ts.isIdentifier(name) ? [name.text] : name.elements.flatMap(namesOfElement),
    );
  }
  const named = statement as { name?: ts.Node };
  return named.name && ts.isIdentifier(named.name) ? [named.name.text] : [];
}

function namesOfElement(element: ts.ArrayBindingElement): string[] {
  if (ts.isOmittedExpression(element)) return [];
  const { name } = element;
  return ts.isIdentifier(name) ? [name.text] : name.elements.flatMap(namesOfElement);
}

function isType(statement: ts.Statement): boolean {
  return ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement);
}

function isExported(statement: ts.Statement): boolean {
  return (
    ts.canHaveModifiers(statement) &&
    (ts.getModifiers(statement) ?? []).some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword)
  );
}

/** Whether one of these names is used in it; too often rather than too seldom. Members (`this.board`) are no names. */
function mentions(statement: ts.Statement, names: ReadonlySet<string>): boolean {
  const search = (node: ts.Node): boolean => {
    if (ts.isIdentifier(node)) {
      const isMember =
        (ts.isPropertyAccessExpression(node.parent) && node.parent.name === node) ||
        ((ts.isPropertyDeclaration(node.parent) || ts.isMethodDeclaration(node.parent)) &&
          node.parent.name === node);
      return !isMember && names.has(node.text);
    }
    return ts.forEachChild(node, (child) => search(child) || undefined) === true;
  };
  return search(statement);
}
