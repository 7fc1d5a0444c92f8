// Bounds a cache: the entry that was put in first goes first.

export function remember<K, V>(cache: Map<K, V>, key: K, value: V, most: number): void {
  cache.set(key, value);
  if (cache.size > most) cache.delete(cache.keys().next().value!);
}
