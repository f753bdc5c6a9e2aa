import type { App } from './app.ts';

interface Pattern {
  segments: string[];
  methods: Set<string>;
}

/**
 * Fastify answers 404 to a method that an address does not know. This remembers the routes, so that the answer can
 * be 405 with the methods that it does know. The returned function gives them, empty for an unknown address.
 */
export function createAllowedMethods(app: App): (url: string) => string[] {
  const patterns = new Map<string, Pattern>();
  app.addHook('onRoute', ({ url, method }) => {
    const pattern = patterns.get(url) ?? { segments: url.split('/'), methods: new Set() };
    for (const name of [method].flat()) pattern.methods.add(name);
    patterns.set(url, pattern);
  });
  return (url) => {
    const segments = (url.split('?', 1)[0] ?? '').split('/');
    const found = [...patterns.values()].filter((pattern) => matches(pattern.segments, segments));
    return [...new Set(found.flatMap((pattern) => [...pattern.methods]))].sort();
  };
}

function matches(pattern: string[], segments: string[]): boolean {
  return (
    pattern.length === segments.length &&
    pattern.every((part, index) => (part.startsWith(':') ? segments[index] !== '' : part === segments[index]))
  );
}
