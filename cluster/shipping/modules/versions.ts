// Keeps a value for each version of local files. Of a file that is edited all day, only the last
// versions are kept. The least recently used version goes first.

const versionsOfFile = 50;
const versionsKept = 2000;

export class Versions<V> {
  readonly #entries = new Map<string, {path: string; value: V}>();
  readonly #keysOf = new Map<string, Set<string>>();
  readonly #dropped: (key: string, value: V) => void;

  constructor(dropped: (key: string, value: V) => void = () => {}) {
    this.#dropped = dropped;
  }

  get size(): number {
    return this.#entries.size;
  }
  get(key: string): V | undefined {
    return this.#entries.get(key)?.value;
  }
  has(key: string): boolean {
    return this.#entries.has(key);
  }

  /** Sets a value, which counts as a use. */
  set(key: string, path: string, value: V): void {
    this.#take(key);
    this.#entries.set(key, {path, value});
    const keys = this.#keysOf.get(path) ?? new Set();
    this.#keysOf.set(path, keys.add(key));
    const [oldest] = keys.size > versionsOfFile ? keys : [];
    const [oldestOfAll] = this.#entries.size > versionsKept ? this.#entries.keys() : [];
    for (const old of [oldest, oldestOfAll]) {
      const value = old === undefined ? undefined : this.delete(old);
      if (value !== undefined) this.#dropped(old!, value);
    }
  }

  delete(key: string): V | undefined {
    return this.#take(key)?.value;
  }

  #take(key: string): {path: string; value: V} | undefined {
    const entry = this.#entries.get(key);
    if (!entry) return undefined;
    this.#entries.delete(key);
    const keys = this.#keysOf.get(entry.path)!;
    keys.delete(key);
    if (keys.size === 0) this.#keysOf.delete(entry.path);
    return entry;
  }
}
