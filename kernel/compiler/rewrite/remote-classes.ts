// What a remote class of a cell becomes: a value that makes actors, and a type of the same name,
// that of its instances, for `ActorHandle<Counter>`. Inside of its own body the name is the class
// itself, with its statics and `new`, as everywhere in JavaScript.
//
//     @remote class Counter { … }
//
// runs as
//
//     const Counter = __tasklab.remote(class Counter { … });
//
// A class expression has no type that other cells could name, so the checker reads something else:
//
//     const Counter = __tasklab.remote(0 as any as typeof __tasklab_5_Counter.Counter);
//     type Counter = __tasklab_5_Counter.Counter;
//     namespace __tasklab_5_Counter { export class Counter { … } }
//
// with the number of the cell in it, so that a later Counter leaves older handles their types.

import type * as TypeScript from "typescript";
import {runtimeName} from "../../../cluster/shipping/source/thunk.js";
import {typescript} from "../../../cluster/shipping/modules/typescript.js";
import type {Pieces, RemoteDeclaration} from "./remote-declaration.js";

type RemoteClass = RemoteDeclaration<TypeScript.ClassDeclaration>;

const namespacePattern = String.raw`${runtimeName}_\d+_[\p{ID_Continue}$]+`;

export function classToRun({name, call, head, rest}: RemoteClass): Pieces {
  return ["const ", name, ` = ${runtimeName}.`, ...call, ...head, name, rest, ");"];
}

export function classForChecker(
  declaration: RemoteClass,
  file: TypeScript.SourceFile,
  cell: number,
): Pieces {
  const {node, name, call, head, rest} = declaration;
  const plain = node.name.text;
  // Inside of functions there are no namespaces. Nor is there another cell that needs the type's
  // name.
  if (node.parent !== file)
    return [...classToRun(declaration), ` type ${plain} = ReturnType<typeof ${plain}.local>;`];
  const namespace = namespaceOf(plain, cell);
  const [parameters, given] = typeParameters(node, file);
  const isAbstract = node.modifiers?.some(
    ({kind}) => kind === typescript().SyntaxKind.AbstractKeyword,
  );
  return [
    ...["const ", name, ` = ${runtimeName}.`, ...call],
    `0 as any as typeof ${namespace}.${plain}); type ${plain}${parameters} = ${namespace}.${plain}${given};`,
    // Whoever has chosen `erasableSyntaxOnly` is not to hear of a namespace that is ours.
    ` // @ts-ignore\nnamespace ${namespace}\n{ export ${isAbstract ? "abstract " : ""}`,
    ...[...head, name, rest, "}"],
  ];
}

/** `<T extends object = {}>`, and `<T>`. */
function typeParameters(
  {typeParameters: parameters}: TypeScript.ClassDeclaration,
  file: TypeScript.SourceFile,
): [declared: string, given: string] {
  if (!parameters) return ["", ""];
  const declared = parameters.map((parameter) => parameter.getText(file));
  return [`<${declared.join(", ")}>`, `<${parameters.map(({name}) => name.text).join(", ")}>`];
}

/** The namespaces that hold the cell's remote classes, for the checker. */
export function classNamespaces(text: string): string[] {
  return [...text.matchAll(new RegExp(`^namespace (${namespacePattern})$`, "gmu"))].map(
    ([, name]) => name!,
  );
}

function namespaceOf(name: string, cell: number): string {
  return `${runtimeName}_${cell}_${name}`;
}

/** As people are to read it: without the namespaces. */
export function withoutNamespaces(text: string): string {
  return text.replace(new RegExp(`\\b${namespacePattern}\\.`, "gu"), "");
}

/**
 * Without the namespaces of classes that were replaced, and that no value has as its type any more.
 */
export function withoutReplacedClasses(declarations: string): string {
  const uses = new Map<string, number>();
  for (const [name] of declarations.matchAll(new RegExp(namespacePattern, "gu")))
    uses.set(name, (uses.get(name) ?? 0) + 1);
  const isUnused = (name: string | undefined) => name !== undefined && uses.get(name) === 1;
  if (![...uses.keys()].some(isUnused)) return declarations;
  const ts = typescript();
  const file = ts.createSourceFile("before.d.ts", declarations, ts.ScriptTarget.ES2023);
  return file.statements
    .filter((statement) => !(ts.isModuleDeclaration(statement) && isUnused(statement.name.text)))
    .map((statement) => declarations.slice(statement.pos, statement.end))
    .join("");
}
