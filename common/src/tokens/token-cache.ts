/** Remembers what was made of a token until the token expires; at most `size` of them, the least used ones go. */
export interface TokenCache<Value> {
  get(token: string, nowS: number): Value | undefined;
  set(token: string, value: Value, expiresAtS: number): void;
  clear(): void;
  readonly size: number;
}

interface Entry<Value> {
  value: Value;
  expiresAtS: number;
}

export function createTokenCache<Value>(limit: number): TokenCache<Value> {
  // A Map keeps the order of insertion: the first entry is the one that was not used for the longest time.
  const entries = new Map<string, Entry<Value>>();
  return {
    get(token, nowS) {
      const entry = entries.get(token);
      if (entry === undefined) return undefined;
      entries.delete(token);
      if (entry.expiresAtS <= nowS) return undefined;
      entries.set(token, entry);
      return entry.value;
    },
    set(token, value, expiresAtS) {
      entries.delete(token);
      entries.set(token, { value, expiresAtS });
      if (entries.size > limit) {
        const [oldest] = entries.keys();
        if (oldest !== undefined) entries.delete(oldest);
      }
    },
    clear: () => entries.clear(),
    get size() {
      return entries.size;
    },
  };
}
