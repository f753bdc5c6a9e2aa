// The entry of the CLI, started by the `tandem` launcher. Until the command is known nothing else is imported:
// this file decides how fast the prompt comes back.

const words = process.argv.slice(2);
const only = words.length === 1 ? words[0] : undefined;

// The launcher points Node at a cache of compiled code; the programs that commands start have nothing to do with it.
delete process.env.NODE_COMPILE_CACHE;

if (only === '--version' || only === '-V') {
  const { tandemVersion } = await import('./cli/tandem-version.ts');
  process.stdout.write(`tandem ${tandemVersion()}\n`);
} else {
  const { usePackedPackages } = await import('./packed/packages.ts');
  usePackedPackages(`${import.meta.dirname}/../../node_modules`);
  const { runProcess } = await import('./cli/process.ts');
  await runProcess(words);
}
