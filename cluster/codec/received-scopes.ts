// The scopes of one received value: which of its variables its functions share.
//
// Each value gets variables of its own, so that nothing a task changes is seen by another. Classes are
// there once for a process; so are the variables that they use, which each arrival sets anew, as it does
// with statics.

import {CorruptFrameError} from "../errors.js";
import type {Code} from "../shipping/code.js";
import {isOfThisProcess, rememberIdentity} from "../shipping/identity.js";
import {findLiveScope, keepLiveScope, LiveScope} from "../shipping/live-scopes.js";
import {findScope, type ScopeParts} from "../shipping/shared-variables.js";

interface ReceivedScope {
  live: LiveScope;
  shared: ReadonlySet<string>;
  ofClasses: ReadonlySet<string>;
  /** Variables that were made for this value. */
  made: ReadonlySet<string>;
}

export class ReceivedScopes {
  readonly #scopes: ReceivedScope[] = [];
  readonly #byLive = new Map<LiveScope, ReceivedScope>();
  readonly #refreshes: boolean;

  constructor(scopes: readonly ScopeParts[], refreshes: boolean) {
    this.#refreshes = refreshes;
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

  /** Variables of classes that were here before keep their values, unless classes are refreshed. */
  set(scope: LiveScope, name: string, value: unknown): void {
    if (this.#refreshes || this.#byLive.get(scope)!.made.has(name)) scope.set(name, value);
  }

  #receive([outer, names, id, shared, ofClasses]: ScopeParts): ReceivedScope {
    let live = findLiveScope(id);
    if (!live) {
      live = new LiveScope(outer < 0 ? undefined : this.at(outer), names);
      if (id !== "" && !isOfThisProcess(id)) {
        rememberIdentity(live, id);
        keepLiveScope(id, live);
      }
    }
    const made = new Set(live.declare([...new Set([...shared, ...ofClasses])]));
    return {live, shared: new Set(shared), ofClasses: new Set(ofClasses), made};
  }
}
