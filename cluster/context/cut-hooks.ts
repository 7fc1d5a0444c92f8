// An interrupt cuts off whatever runs, also between the "before" and the "after" of a promise's callback.
// Once a program uses AsyncLocalStorage (on Node 20 and 22; on later ones no more) or another async hook,
// Node keeps a stack of these and ends the process when one is left over. `--no-force-async-hooks-checks`
// holds only until the first hook is enabled, for that switches the check on again. So we take two counters
// of Node's back to none, each time: that of the checks, and that of the hooks, by which Node knows that
// there is a stack to be checked. What the hooks themselves do hangs on other counters.
//
// Measured on Node 20 and 22, storages keep their values over hundreds of interrupts. Node 24 no longer
// gives these counters away: there AsyncLocalStorage is safe by itself, and a hook made by `createHook` is not.

import {createHook} from "node:async_hooks";

interface AsyncWrap {
  constants: {kCheck: number; kTotals: number};
  async_hook_fields: Uint32Array;
}

/** From now on an interrupt leaves the process alive, whatever hooks its code uses. */
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

/** Node's own record of async hooks; undefined on a Node that does not show it. */
function asyncWrap(): AsyncWrap | undefined {
  const node = process as unknown as {
    binding(name: string): Partial<AsyncWrap>;
    noDeprecation: boolean | undefined;
  };
  const {noDeprecation} = node;
  try {
    // Whoever reads a notebook need not hear that we ask.
    node.noDeprecation = true;
    const {constants, async_hook_fields} = node.binding("async_wrap");
    return constants && async_hook_fields ? {constants, async_hook_fields} : undefined;
  } catch {
    return undefined;
  } finally {
    node.noDeprecation = noDeprecation;
  }
}
