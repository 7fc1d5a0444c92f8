// Names that a cell can't give to something of its own at its top level: what a session declares is
// seen in place of the global by all code of the thread, and the kernel's own could not go on
// without these.

import {isBuiltin} from "node:module";
import type * as TypeScript from "typescript";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import type {Checked} from "./converter.js";

const taken = new Set(
  (
    "AbortController Array Atomics Error JSON Map Math Number Object Promise Set String Symbol " +
    "Uint8Array globalThis performance process"
  ).split(" "),
);

export interface TakenName {
  /** In the checked file. */
  start: number;
  length: number;
  messageText: string;
  code: number;
}

/** TypeScript's number of a name that is built in already. */
const builtIn = 2397;

export function takenNames({file}: Checked): TakenName[] {
  return file.statements.flatMap(namesOf).flatMap((name) => {
    if (!taken.has(name.text)) return [];
    const messageText =
      `\`${name.text}\` at the top level would hide the global ${name.text} from the kernel too; ` +
      "give it another name, or put it in a function or a block";
    return {start: name.getStart(file), length: name.text.length, messageText, code: builtIn};
  });
}

/** What the statement declares that lives when types are gone. */
function namesOf(statement: TypeScript.Statement): readonly TypeScript.Identifier[] {
  const ts = typescript();
  const isErased =
    ts.canHaveModifiers(statement) &&
    ts.getModifiers(statement)?.some(({kind}) => kind === ts.SyntaxKind.DeclareKeyword);
  if (isErased) return [];
  if (ts.isVariableStatement(statement))
    return statement.declarationList.declarations.flatMap(({name}) => boundIn(name));
  if (
    ts.isFunctionDeclaration(statement) ||
    ts.isClassDeclaration(statement) ||
    ts.isEnumDeclaration(statement)
  )
    return statement.name ? [statement.name] : [];
  return ts.isImportDeclaration(statement) ? importedBy(statement) : [];
}

function boundIn(name: TypeScript.BindingName): TypeScript.Identifier[] {
  const ts = typescript();
  if (ts.isIdentifier(name)) return [name];
  return name.elements.flatMap((element) =>
    ts.isBindingElement(element) ? boundIn(element.name) : [],
  );
}

/** Node's own modules give the globals themselves. */
function importedBy({
  importClause,
  moduleSpecifier,
}: TypeScript.ImportDeclaration): TypeScript.Identifier[] {
  const ts = typescript();
  const isOfNode = ts.isStringLiteral(moduleSpecifier) && isBuiltin(moduleSpecifier.text);
  if (!importClause || importClause.isTypeOnly || isOfNode) return [];
  const {name, namedBindings} = importClause;
  const named =
    namedBindings && ts.isNamedImports(namedBindings)
      ? namedBindings.elements.filter(({isTypeOnly}) => !isTypeOnly)
      : [namedBindings];
  return [name, ...named.map((each) => each?.name)].filter((each) => each !== undefined);
}
