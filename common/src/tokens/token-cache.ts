/** Remembers what was made of a token until the token expires; at most `limit` of them, and those that were not used for long go. */
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
  // Two generations of half the size: what is used comes into the young one, which becomes the old one when it is full.
  // To keep all in the order of their use would mean to write at each look.
  let young = new Map<string, Entry<Value>>();
  let old = new Map<string, Entry<Value>>();

  function keep(key: string, entry: Entry<Value>): void {
    old.delete(key);
    if (!young.has(key) && young.size >= limit / 2) [young, old] = [new Map(), young];
    young.set(key, entry);
  }

  return {
    get(token, nowS) {
      const key = keyOf(token);
      const fresh = young.get(key);
      const entry = fresh ?? old.get(key);
      if (entry === undefined || entry.token !== token) return undefined;
      if (entry.expiresAtS <= nowS) {
        young.delete(key);
        old.delete(key);
        return undefined;
      }
      if (fresh === undefined) keep(key, entry);
      return entry.value;
    },
    set(token, value, expiresAtS) {
      keep(keyOf(token), { token, value, expiresAtS });
    },
    clear() {
      young.clear();
      old.clear();
    },
    get size() {
      return young.size + old.size;
    },
  };
}
