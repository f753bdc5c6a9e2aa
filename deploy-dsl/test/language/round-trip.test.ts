import fc from 'fast-check';
import { expect, test } from 'vitest';
import { TandemError } from '../../src/language/diagnostic.ts';
import { type Loaded, loadSource } from '../../src/language/load.ts';
import type { Model } from '../../src/language/model.ts';
import { renderDiagnostics } from '../../src/language/render.ts';
import { drawValidFile } from './random/valid-file.ts';

function loaded(text: string, environment: string): Loaded {
  try {
    return loadSource(text, { file: 'services.yml', environment });
  } catch (error) {
    if (!(error instanceof TandemError)) throw error;
    throw new Error(`refused:\n${shown(error.diagnostics, text)}\n${text}`, { cause: error });
  }
}

const shown = (diagnostics: Loaded['warnings'], text: string) =>
  renderDiagnostics(diagnostics, new Map([['services.yml', text]]), {
    colour: false,
    unicode: true,
    width: 100,
  });

/** Where a merge key stands decides the order of names, which means nothing for these. */
function inOrder(model: Model): Model {
  const services = Object.values(model.services).map((service) => ({
    ...service,
    secrets: byName(service.secrets),
    ports: byName(service.ports),
    volumes: byName(service.volumes),
  }));
  return { ...model, services: Object.fromEntries(services.map((service) => [service.name, service])) };
}

const byName = <T extends { name: string }>(list: T[]) =>
  list.toSorted((a, b) => a.name.localeCompare(b.name));

test('whatever shorthands a model is written in, it loads without a word and is the same again', () => {
  fc.assert(
    fc.property(fc.gen(), (draw) => {
      const { text, model } = drawValidFile(draw);
      const { model: found, warnings } = loaded(text, model.environment);
      expect(shown(warnings, text), text).toBe('');
      expect(inOrder(found), text).toEqual(inOrder(model));
    }),
    { numRuns: 100, endOnFailure: true },
  );
});
