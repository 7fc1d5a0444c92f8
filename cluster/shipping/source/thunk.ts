// The agreement between emitted cell code and the rooms that ship functions.
//
// V8 keeps a closure's captured variables to itself. The kernel owns the compiler of cells, so
// every function that a cell creates is emitted with a *thunk* that reads them:
//
//   let helper = __tasklab.fn(function (x) { return x * scale }, "helper", "Cell In[5]",
//     () => ({scale}));
//
// A thunk is evaluated when the function is shipped: it gives the values of that moment, and a
// variable that is not yet initialised throws its own ReferenceError. Only names that are bound in
// a cell (this one, an enclosing function, or an earlier cell) are listed; other free names are
// globals of every process. `this` of an arrow function is listed as `$this` when it is used.
//
// Functions that share a variable go on sharing it where they are sent. A *scope token* tells such
// functions from two that only have variables of one name. A scope in which a captured variable is
// assigned to after its declaration makes a token when it is entered, and each thunk names the
// innermost token around it:
//
//   const __tasklab_1 = {in: __tasklab_0, names: "count"}; let count = 0;
//   return __tasklab.fn(() => (count += step), "", "Cell In[5]",
//     () => ({step, __tasklab_1, count}))
//
// Names before the token are the session's; names after it belong to functions around. The token of
// the session is `__tasklab_0`: a global where cells run, and another one for every revived parcel.
//
// Classes have a thunk as well:
// `static { __tasklab.fn(this, "Point", "Cell In[5]", () => ({…})) }`.
//
// Code that measures plain calls (kernel/compiler/emit/spans.ts) stands between the two markers
// below, inside of the function's body. Shipped text has this code blanked out, space for space, so
// that positions stay.

/** The global under which emitted code finds its runtime, in the kernel and in workers alike. */
export const runtimeName = "__tasklab";

/** The beginning of the static block that a shipped class keeps. */
export const membersBlock = `static { ${runtimeName}.members(`;

/** The name of a scope token. The session's token has the number 0. */
export function tokenName(number: number): string {
  return `${runtimeName}_${number}`;
}
export function isTokenName(name: string): boolean {
  return /^__tasklab_\d+$/.test(name);
}

/** Tells one entry into a scope from another. */
export interface ScopeToken {
  /** The next token outwards; the session's token has none. */
  in?: ScopeToken;
  /** Variables of the scope that functions may share. */
  names: string;
  /** Sloppy functions may be in the scope. In the scopes of a cell, none are. */
  isSloppy?: boolean;
}

/** The session's token in this process, made when it is first asked for. */
export function sessionScope(): ScopeToken {
  const globals = globalThis as unknown as Record<string, ScopeToken | undefined>;
  const name = tokenName(0);
  if (!globals[name]) Object.defineProperty(globalThis, name, {value: {names: ""}});
  return globals[name]!;
}

/** The name of the global that a function of a cell asks for its measured copy. */
export function callName(key: string): string {
  return `${runtimeName}Call_${key}`;
}

export const spanOpen = "/*<span*/";
export const spanClose = "/*span>*/";

export interface CellRuntime {
  /**
   * Attaches a thunk to `fn`, which has none yet and has its name already, and returns `fn`. Costs
   * no more than a property write. `measured`: for a function, the global that has its measured
   * copy (`callName`); for a remote class, the names of its methods.
   */
  fn<F extends object>(
    fn: F,
    name: string,
    source: string,
    captured: () => Record<string, unknown>,
    measured?: string | readonly string[],
  ): F;
  /**
   * `import(specifier)` of a cell: resolves from the notebook's folder. Static imports use it as
   * well, and say the names that must be there.
   */
  import(
    specifier: string,
    options?: ImportCallOptions,
    names?: readonly string[],
  ): Promise<Record<string, unknown>>;
  /** `import.meta` of a cell. */
  meta: {url: string; dirname: string; filename: string; resolve(specifier: string): string};
  /**
   * Tells how members of a class are reached that only the text of the class knows
   * (class-members.ts).
   */
  members(cls: abstract new (...args: never[]) => object, members: ClassMembers): void;
  /** An instance is being revived: constructors of cells' classes do nothing meanwhile. */
  reviving: boolean;
  /** The value of the cell's last statement, when that is an expression. Set by emitted code. */
  last: unknown;
  /** `import "x"` of a cell: tasks that have to do with the cell import it as well. */
  effect(source: string, namespace: object, beside: readonly string[]): void;
  /**
   * Calls around a statement that may set up a package: `end(id, (begin(id, …), f.g(...args(id,
   * […]))))`.
   */
  statements: CellStatements;
  /**
   * `cluster.setup`, for `%%setup`. Gives a function that runs the setup in this process as well.
   */
  setup(fn: () => unknown, options: {name?: string}): () => Promise<void>;
  /** `remote` of this process, for `@remote` and `%%remote`, which need no import. */
  remote: (...args: never[]) => unknown;
}

/** See setup/replays.ts. */
export interface CellStatements {
  begin(id: string, root: unknown, site: object): void;
  args(id: string, list: unknown[]): unknown[];
  end<T>(id: string, value: T): T;
}

/** What only the text of a class can do. */
export interface ClassMembers {
  /** Private fields of the instances: `get` and `set` have their values in this order. */
  fields: readonly string[];
  has(object: object): boolean;
  get(object: object): unknown[];
  set(object: object, values: readonly unknown[]): void;
  /** Private fields of the class itself. */
  statics: readonly string[];
  getStatics(): unknown[];
  setStatics(values: readonly unknown[]): void;
}

/** What a function keeps (see stamps.ts). */
export interface Thunk {
  /** `Cell In[5]`: positions in the function's text belong to this source. */
  source: string;
  captured: () => Record<string, unknown>;
}

/**
 * The emitted code and source map of each cell, by the cell's name. Shipped functions take their
 * part of the map.
 */
export interface Source {
  code: string;
  map: string;
}
export const sources = new Map<string, Source>();
