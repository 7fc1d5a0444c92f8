// The scopes of one received value: which of its variables its functions share.
//
// Each value gets variables of its own, so that nothing a task changes is seen by another. Classes are
// there once for a realm; so are the variables that they use, which each task's arrivals set anew, as they
// do with statics.

import {CorruptFrameError} from "../errors.js";
import type {Code} from "../shipping/source/code.js";
import {LiveScope} from "../shipping/functions/live-scopes.js";
import {findScope, type ScopeParts} from "./shared-variables.js";
import type {Assembler} from "./assemble.js";

interface ReceivedScope {
  live: LiveScope;
  shared: ReadonlySet<string>;
  ofClasses: ReadonlySet<string>;
  /** Variables that get their values from this value. */
  renewed: ReadonlySet<string>;
}

export class ReceivedScopes {
  readonly #scopes: ReceivedScope[] = [];
  readonly #byLive = new Map<LiveScope, ReceivedScope>();
  readonly #of: Pick<Assembler, "realm" | "arrivals">;

  constructor(scopes: readonly ScopeParts[], of: Pick<Assembler, "realm" | "arrivals">) {
    this.#of = of;
    for (const parts of scopes) {
      const received = this.#receive(parts);
      this.#scopes.push(received);
      this.#byLive.set(received.live, received);
    }
  }

  at(index: number): LiveScope {
    const scope = this.#scopes[index];
    if (!scope) throw new CorruptFrameError("the scope of a function is missing");
    return scope.live;
  }

  /** The scope whose variable the function in `inner` uses under that name, when it is shared. */
  find(inner: LiveScope, slot: string, code: Code): LiveScope | undefined {
    const parts = ({names, in: outer}: LiveScope) => ({names, outer});
    const scope = findScope(inner, slot, code, parts);
    const received = scope && this.#byLive.get(scope);
    if (!received) return undefined;
    const names = code.form === "class" ? received.ofClasses : received.shared;
    return names.has(slot) && scope.isSeenFrom(inner, slot) ? scope : undefined;
  }

  /** Variables that have arrived before keep their values. */
  set(scope: LiveScope, name: string, value: unknown): void {
    if (this.#byLive.get(scope)!.renewed.has(name)) scope.set(name, value);
  }

  #receive([outer, names, id, shared, ofClasses, isSloppy]: ScopeParts): ReceivedScope {
    const {realm, arrivals} = this.#of;
    const isKept = id !== "" && !realm.owns(id);
    const known = isKept ? realm.find(id) : undefined;
    const isKnown = known instanceof LiveScope;
    const around = outer < 0 ? undefined : this.at(outer);
    const live = isKnown ? known : new LiveScope(around, names, isSloppy);
    if (isKept && !isKnown) realm.remember(live, id);
    const variables = [...new Set([...shared, ...ofClasses])];
    const made = live.declare(variables);
    const first = variables.filter((name) => arrivals?.isFirst(live, name));
    return {
      live,
      shared: new Set(shared),
      ofClasses: new Set(ofClasses),
      renewed: new Set([...made, ...first]),
    };
  }
}
