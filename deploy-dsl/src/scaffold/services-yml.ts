import { exitCodes, TandemError } from '../language/diagnostic.ts';
import { versionMissing } from '../language/errors/meaning/versions.ts';
import { cannotAddService } from '../language/errors/scaffold.ts';
import { findingsOf } from '../language/load.ts';
import { parse } from '../language/parse.ts';
import { sourceOf } from '../language/read.ts';
import type { SourceText } from '../language/source-text.ts';
import { addToServicesYml } from './edit-services-yml.ts';
import type { NewService } from './new-service.ts';
import { manifestOf } from './source-files.ts';

/**
 * The text of services.yml with the new service, in every environment of the file.
 * @param services those that the file has
 * @throws TandemError (exit 2) when the file has errors, or would have
 */
export function withService(source: SourceText, service: NewService, services: readonly string[]): string {
  const fail = (reasons: readonly string[]) =>
    new TandemError([cannotAddService(source.file, reasons, lines)], exitCodes.badInput);
  const lines = linesOf(service, services);
  const versionLine = `${service.name}: { version: ${manifestOf(service.name).version} }`;
  const added = (environments: readonly string[]) => {
    const text = addToServicesYml(source.text, lines, { environments, line: versionLine });
    if (text === null) throw fail(['it is written in a way that cannot be continued line by line']);
    return text;
  };
  const errorsIn = (text: string, environment: string | null) =>
    findingsOf(sourceOf(text, source.file), environment).diagnostics.filter(
      ({ severity }) => severity === 'error',
    );
  const { environments } = findingsOf(source, null);
  const bare = added([]);
  const text = added(
    environments.filter((name) => errorsIn(bare, name).some(({ code }) => code === versionMissing.code)),
  );
  const errors = errorsIn(text, null);
  if (errors.length > 0) throw fail(errors.map(({ code, title }) => `${code} ${title}`));
  return text;
}

/** Names of the services of the file, in its order. @throws TandemError when it is no YAML */
export function servicesIn(source: SourceText): string[] {
  const file = parse(source);
  const services = file.kind === 'map' ? file.entries.get('services')?.value : undefined;
  return services?.kind === 'map' ? [...services.entries.keys()] : [];
}

/** As people write them: what has a default is left out. */
function linesOf({ name, redis, publishes, consumes }: NewService, services: readonly string[]): string[] {
  return [
    `${name}:`,
    `  routes: [/api/${name}]`,
    // Tokens are verified by its keys.
    ...(services.includes('auth') ? ['  needs: [auth]', '  calls: [auth]'] : []),
    ...(redis ? ['  redis: { persistent: true }'] : []),
    ...(publishes === null ? [] : [`  publishes: [${publishes}]`]),
    ...(consumes === null ? [] : [`  consumes: [${consumes.name}]`]),
  ];
}
