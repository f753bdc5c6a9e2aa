/**
 * The image as the container runtime pulls it: one that names no registry of its own gets the environment's.
 * A first path segment with a dot, a colon or the name `localhost` is a registry, as Docker itself reads it.
 */
export function qualifiedImage(image: string, registry: string | null): string {
  const [first = '', ...rest] = image.split('/');
  const namesRegistry = rest.length > 0 && (/[.:]/.test(first) || first === 'localhost');
  return registry === null || namesRegistry ? image : `${registry}/${image}`;
}
