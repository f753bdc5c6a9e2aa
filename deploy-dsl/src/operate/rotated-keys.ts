/** Former keys that stay, so that the tokens they signed are believed until they end. */
const FORMER_KEPT = 2;

const privateKey = /-----BEGIN [A-Z ]+-----[\s\S]+?-----END [A-Z ]+-----/g;

/**
 * The value of a secret of signing keys after a rotation: the new key in front, behind it those before. Services publish
 * all of them, and sign with the first one as soon as everybody can know it (docs/decisions/0012-key-rotation.md).
 */
export function rotatedKeys(fresh: string, present: string): string {
  const former = (present.match(privateKey) ?? []).slice(0, FORMER_KEPT);
  return [fresh.trimEnd(), ...former].join('\n');
}
