// Keeps Node from ending the process after an interrupt that cuts between async hooks.
//
// An interrupt may cut code off between the "before" and the "after" hook of a promise's callback.
// Once a program uses AsyncLocalStorage (on Node 20 and 22) or another async hook, Node keeps a
// stack of such callbacks and ends the process when one is left over.
// `--no-force-async-hooks-checks` holds only until the first hook is enabled, because that switches
// the check on again. So each time we set two counters of Node's to zero: the counter of checks,
// and the counter of hooks, by which Node knows that there is a stack to be checked. The hooks
// themselves depend on other counters.
//
// Measured on Node 20 and 22, storages keep their values over hundreds of interrupts. Node 24 hides
// these counters: there AsyncLocalStorage is safe by itself, and a hook made by `createHook` is
// not.

import {createHook} from "node:async_hooks";

interface AsyncWrap {
  constants: {kCheck: number; kTotals: number};
  async_hook_fields: Uint32Array;
}

/** Makes sure that an interrupt leaves the process alive, whatever hooks its code uses. */
export function surviveCutHooks(): void {
  const wrap = asyncWrap();
  if (!wrap) return;
  const {constants, async_hook_fields: fields} = wrap;
  const hooks = Object.getPrototypeOf(createHook({})) as Record<
    "enable" | "disable",
    () => unknown
  >;
  for (const name of ["enable", "disable"] as const) {
    const original = hooks[name];
    hooks[name] = function (this: unknown) {
      const result = original.call(this);
      fields[constants.kCheck] = 0;
      fields[constants.kTotals] = 0;
      return result;
    };
  }
}

/** Node's own record of async hooks; undefined on a version of Node that hides it. */
function asyncWrap(): AsyncWrap | undefined {
  const node = process as unknown as {
    binding(name: string): Partial<AsyncWrap>;
    noDeprecation: boolean | undefined;
  };
  const {noDeprecation} = node;
  try {
    // A reader of the notebook need not see Node's warning about `process.binding`.
    node.noDeprecation = true;
    const {constants, async_hook_fields} = node.binding("async_wrap");
    return constants && async_hook_fields ? {constants, async_hook_fields} : undefined;
  } catch {
    return undefined;
  } finally {
    node.noDeprecation = noDeprecation;
  }
}
