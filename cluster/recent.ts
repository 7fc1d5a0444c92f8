/**
 * A map that keeps the last `size` keys that were set, and at most twice as many. Keys go
 * by the generation. To delete the oldest key at each `set` would be slow in a large Map, since V8
 * walks over all places that were deleted before.
 */
export class Recent<Key, Value> {
  readonly #size: number;
  #young = new Map<Key, Value>();
  #old = new Map<Key, Value>();

  constructor(size: number) {
    this.#size = size;
  }

  set(key: Key, value: Value): void {
    this.#young.set(key, value);
    if (this.#young.size < this.#size) return;
    this.#old = this.#young;
    this.#young = new Map();
  }

  /** Returns the value of `key`. A cache that wants a read to count as a use sets the key again. */
  get(key: Key): Value | undefined {
    const value = this.#young.get(key);
    return value === undefined ? this.#old.get(key) : value;
  }

  has(key: Key): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }
}
