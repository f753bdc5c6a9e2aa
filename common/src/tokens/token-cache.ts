/** Remembers what was made of a token until the token expires; at most `size` of them, the least used ones go. */
export interface TokenCache<Value> {
  get(token: string, nowS: number): Value | undefined;
  set(token: string, value: Value, expiresAtS: number): void;
  clear(): void;
  readonly size: number;
}

interface Entry<Value> {
  token: string;
  value: Value;
  expiresAtS: number;
}

/** So much of a signature's end tells tokens apart; to look a whole token up would take ten times as long. */
const keyOf = (token: string) => token.slice(-32);

export function createTokenCache<Value>(limit: number): TokenCache<Value> {
  // A Map keeps the order of insertion: the first entry is the one that was not used for the longest time.
  const entries = new Map<string, Entry<Value>>();
  return {
    get(token, nowS) {
      const key = keyOf(token);
      const entry = entries.get(key);
      if (entry === undefined || entry.token !== token) return undefined;
      entries.delete(key);
      if (entry.expiresAtS <= nowS) return undefined;
      entries.set(key, entry);
      return entry.value;
    },
    set(token, value, expiresAtS) {
      const key = keyOf(token);
      entries.delete(key);
      entries.set(key, { token, value, expiresAtS });
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
