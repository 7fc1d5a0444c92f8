// Values of the main thread as DAP has them: listed there (`rows.ts`), expanded on demand by
// number.

import type {Runtime} from "node:inspector";
import type {Variable} from "./dap.js";
import type {Inspector} from "./inspector.js";
import type {Row} from "./rows.js";

/**
 * What is forgotten at one time: the values of a pause, or those of a look at the global variables.
 */
export type Lifetime = "pause" | "globals";

export type Remote = Runtime.RemoteObject;

interface Expandable {
  lifetime: Lifetime;
  list(): Promise<Variable[]>;
}

export class Variables {
  readonly #inspector: Inspector;
  readonly #debuggee: string;
  readonly #expandable = new Map<number, Expandable>();
  #last = 0;

  /** `debuggee`: V8's id of the object that the main thread has for us. */
  constructor(inspector: Inspector, debuggee: string) {
    this.#inspector = inspector;
    this.#debuggee = debuggee;
  }

  /** What stands behind a number that was given to the client. */
  async expand(reference: unknown): Promise<Variable[]> {
    const found = this.#expandable.get(reference as number);
    if (!found)
      throw new Error(
        `unknown variablesReference: ${String(reference)}; its values are of the past`,
      );
    return found.list();
  }

  /** The number of these scopes' variables, inner scopes first. */
  scopes(scopes: readonly Remote[], self: Remote | null): number {
    const parameters = [...(self ? [self] : [{type: "undefined"} as Remote]), ...scopes];
    const code = "function (self, ...scopes) { return this.listScopes(scopes, self); }";
    return this.#add("pause", () => this.#list("pause", code, parameters));
  }

  /** The values of global names; whatever was listed so before is forgotten. */
  async globals(names: readonly string[]): Promise<Variable[]> {
    await this.forget("globals");
    const read = names.map((name) => `${JSON.stringify(name)}: () => ${name}`);
    return this.#list(
      "globals",
      `function () { return this.listNames({${read.join(", ")}}); }`,
      [],
    );
  }

  async value(value: Remote, lifetime: Lifetime): Promise<Variable> {
    const code = "function (value) { return this.listValue(value); }";
    const [variable] = await this.#list(lifetime, code, [value]);
    return variable!;
  }

  async forget(lifetime: Lifetime): Promise<void> {
    for (const [reference, expandable] of this.#expandable)
      if (expandable.lifetime === lifetime) this.#expandable.delete(reference);
    await this.#inspector.post("Runtime.releaseObjectGroup", {objectGroup: lifetime});
  }

  #add(lifetime: Lifetime, list: () => Promise<Variable[]>): number {
    this.#expandable.set(++this.#last, {lifetime, list});
    return this.#last;
  }

  /** Has a list made on the main thread; its values stay there. */
  async #list(
    objectGroup: Lifetime,
    functionDeclaration: string,
    parameters: readonly Remote[],
  ): Promise<Variable[]> {
    const {result, exceptionDetails} = await this.#inspector.post<Runtime.CallFunctionOnReturnType>(
      "Runtime.callFunctionOn",
      {
        ...{functionDeclaration, objectGroup, objectId: this.#debuggee, silent: true},
        arguments: parameters.map(argumentOf),
      },
    );
    if (exceptionDetails) throw new Error(errorText(exceptionDetails));
    const {result: properties} = await this.#inspector.post<Runtime.GetPropertiesReturnType>(
      "Runtime.getProperties",
      {objectId: result.objectId, ownProperties: true},
    );
    const values = new Map(properties.map(({name, value}) => [name, value]));
    const rows = JSON.parse(values.get("rows")?.value as string) as Row[];
    return rows.map((row, index) => this.#variable(row, values.get(String(index)), objectGroup));
  }

  #variable({name, text, canExpand, range}: Row, value: Remote | undefined, lifetime: Lifetime) {
    const reference =
      canExpand && value
        ? this.#add(lifetime, () => {
            const bounds = range ? `, ${range.join(", ")}` : "";
            const code = `function (value) { return this.listProperties(value${bounds}); }`;
            return this.#list(lifetime, code, [value]);
          })
        : 0;
    return {name, value: text, variablesReference: reference};
  }
}

function argumentOf({objectId, unserializableValue, value}: Remote): Runtime.CallArgument {
  if (objectId !== undefined) return {objectId};
  if (unserializableValue !== undefined) return {unserializableValue};
  return {value: value as unknown};
}

/** What an evaluation threw, in its own words. */
export function errorText({exception, text}: Runtime.ExceptionDetails): string {
  const described = exception?.description?.split("\n    at ")[0];
  return described ?? (exception ? String(exception.value) : text);
}
