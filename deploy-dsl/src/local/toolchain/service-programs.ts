import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { type Static, Type } from 'typebox';
import { Value } from 'typebox/value';
import { TandemError } from '../../language/diagnostic.ts';
import { programsMalformed } from '../../language/errors/local.ts';
import { readIfPresent } from '../files.ts';
import { system, type Tool, tools } from './tools.ts';

/** What a service says of a program that it starts. The names become arguments of apt-get, which runs as root. */
const Program = Type.Object(
  {
    /** Names in Debian and Ubuntu. */
    packages: Type.Array(Type.String({ pattern: '^[a-z0-9][a-z0-9+.-]+$' }), { minItems: 1 }),
    /** The first version that will do; the program tells its own when it is asked with `--version`. */
    atLeast: Type.String({ pattern: '^\\d+\\.\\d+(\\.\\d+)?$' }),
  },
  { additionalProperties: false },
);
const Programs = Type.Record(Type.String({ pattern: '^[A-Za-z0-9][\\w.+-]*$' }), Program, {
  additionalProperties: false,
});

/**
 * The programs of the distribution that services name in their package.json, under `tandem.programs`.
 *
 * @param directories of the services, absolute; one without a package.json needs none
 * @throws TandemError when something else stands there, or two services differ about one program
 */
export async function servicePrograms(directories: readonly string[]): Promise<Tool[]> {
  const programs = new Map<string, { program: Static<typeof Program>; manifest: string }>();
  for (const directory of directories) {
    const manifest = join(directory, 'package.json');
    for (const [name, program] of Object.entries(await declaredIn(manifest))) {
      const known = programs.get(name);
      if (tools.some((tool) => tool.name === name)) {
        throw new TandemError([programsMalformed(manifest, [`every stack has ${name} already`])]);
      }
      if (known !== undefined && !isDeepStrictEqual(known.program, program)) {
        throw new TandemError([programsMalformed(manifest, [`${known.manifest} says otherwise of ${name}`])]);
      }
      programs.set(name, { program, manifest });
    }
  }
  return [...programs].map(([name, { program }]) => ({
    name,
    wanted: { atLeast: program.atLeast },
    versionArgs: ['--version'],
    folders: system,
    source: { kind: 'packaged', packages: program.packages, optional: [] },
  }));
}

async function declaredIn(manifest: string): Promise<Static<typeof Programs>> {
  const text = await readIfPresent(manifest);
  if (text === null) return {};
  let programs: unknown;
  try {
    programs = JSON.parse(text)?.tandem?.programs ?? {};
  } catch {
    // npm has a better word for it.
    return {};
  }
  if (Value.Check(Programs, programs)) return programs;
  const wrong = Value.Errors(Programs, programs).map(
    ({ instancePath, message }) => `${instancePath} ${message}`,
  );
  throw new TandemError([programsMalformed(manifest, wrong.slice(0, 5))]);
}
