import type { FileFacts } from '../checks/check.ts';
import { unknownCloud, unknownService } from '../errors/meaning/names.ts';
import { defaultWithoutEffect } from '../errors/meaning/settings.ts';
import type { Model } from '../model.ts';
import type { EnvironmentInput, FileInput, ServiceInput } from '../schema/file.ts';
import type { Layers, Written } from '../written.ts';
import type { Resolution } from './resolution.ts';
import { resolveService, type Surroundings } from './service.ts';

/**
 * The services of one environment. Layers, the strongest first: the environment's override, the service, the
 * environment's defaults, the file's defaults.
 */
export function resolveServices(
  file: Written<FileInput>,
  environment: Written<EnvironmentInput> | null,
  around: Surroundings,
  resolution: Resolution,
): { services: Model['services']; facts: FileFacts } {
  const defaults = file.get('defaults')?.in<ServiceInput>('defaults') ?? null;
  const own =
    environment?.get('defaults')?.in<ServiceInput>(`environments.${around.environment}.defaults`) ?? null;
  const overrides = new Map(
    (environment?.get('services')?.entries() ?? []).map((entry) => [entry.key, entry]),
  );
  const facts = { services: new Set(file.get('services')?.names()), leftOut: new Map() };
  for (const [name, override] of overrides) {
    if (!facts.services.has(name)) {
      const place = resolution.source.place(override.keyStart, override.keyEnd);
      const near = resolution.suggestions.didYouMean(name, facts.services);
      resolution.report(unknownService(place, name, near, facts.services.size));
    }
  }
  checkClouds([own, defaults], around, resolution);
  const services: Model['services'] = Object.create(null);
  const perService: Layers<ServiceInput>[] = [];
  for (const entry of file.get('services')?.entries() ?? []) {
    const { key: name, value, keyStart, keyEnd } = entry;
    const override = overrides.get(name);
    if (override?.value.scalar === false) {
      facts.leftOut.set(name, resolution.place(override.value));
      continue;
    }
    resolution.origins.recordOffsets(['services', name], keyStart, keyEnd, `services.${name}`);
    const itsOwn = [
      override?.value.in<ServiceInput>(`environments.${around.environment}.services.${name}`) ?? null,
      value.in(`services.${name}`),
    ].filter((layer) => layer !== null);
    const layers = [...itsOwn, own, defaults].filter((layer) => layer !== null);
    checkClouds(itsOwn, around, resolution);
    perService.push(itsOwn);
    const key = override ?? entry;
    const place = resolution.source.place(key.keyStart, key.keyEnd);
    services[name] = resolveService({ name, place }, layers, around, resolution);
  }
  checkDefaults(own, perService, around, resolution);
  return { services, facts };
}

/** Clouds named under `instances`: also of layers that have no say in this environment. */
function checkClouds(
  layers: readonly (Written<ServiceInput> | null)[],
  { knownClouds }: Surroundings,
  resolution: Resolution,
): void {
  for (const layer of layers) {
    for (const { key, keyStart, keyEnd } of layer?.get('instances')?.entries() ?? []) {
      if (!knownClouds.has(key)) {
        const near = resolution.suggestions.didYouMean(key, knownClouds);
        resolution.report(unknownCloud(resolution.source.place(keyStart, keyEnd), key, near, knownClouds));
      }
    }
  }
}

/** Settings that a service replaces as a whole, so that a default below it is lost. */
const replaced = ['instances', 'cpu', 'class', 'spread', 'version'] as const;

/** A default of the environment that every service overrides looks as if it did something. */
function checkDefaults(
  defaults: Written<ServiceInput> | null,
  services: Layers<ServiceInput>[],
  around: Surroundings,
  resolution: Resolution,
): void {
  for (const key of replaced) {
    const written = defaults?.get(key) ?? null;
    const idle =
      services.length > 0 && services.every((layers) => layers.some((layer) => speaks(layer, key, around)));
    if (written !== null && idle) {
      resolution.report(defaultWithoutEffect(resolution.place(written), key, around.environment));
    }
  }
}

/** A map of instances that names none of the environment's clouds says nothing about it. */
function speaks(
  layer: Written<ServiceInput>,
  key: (typeof replaced)[number],
  { clouds }: Surroundings,
): boolean {
  const written = layer.get(key);
  const byCloud = key === 'instances' && written?.tree.kind === 'map';
  return byCloud ? clouds.some((cloud) => written.names().includes(cloud)) : written !== null;
}
