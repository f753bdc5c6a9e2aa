import type { Command } from '../commands/command.ts';
import type { CommandEntry } from '../commands/index.ts';
import { asTyped, groupTitles, paragraphs, textOf, usageOf } from './help.ts';

const opening = `<!-- Generated from the commands by \`./tandem schema --write\`; a test fails when it is stale. -->

# The \`tandem\` command

\`./tandem COMMAND --help\` shows the same. Data goes to standard output, progress and errors to standard error;
\`--json\` prints data, and errors too, as JSON. Colours are shown on a terminal only; \`NO_COLOR\` and \`FORCE_COLOR\`
are honoured.

| exit code | means |
| ---: | --- |
| 0 | fine |
| 1 | failed |
| 2 | bad input: the command line or services.yml |
| 3 | \`plan\`: there are changes |
| 130, 143 | interrupted by Ctrl-C, by SIGTERM |

| variable | does |
| --- | --- |
| \`TANDEM_ENV\` | environment that is meant where \`--env\` is left out |
| \`TANDEM_NODE\` | the Node to run on, 24.7 or later |
| \`TANDEM_PORT_OFFSET\` | shifts every port of the stack of this machine |
| \`TANDEM_DEBUG\` | shows where an unexpected error happened |
| \`NOMAD_ADDR\`, \`NOMAD_TOKEN\` | Nomad of an environment that is not \`local\` |
| \`CONSUL_HTTP_ADDR\`, \`CONSUL_HTTP_TOKEN\` | Consul of such an environment |
| \`RABBITMQ_MANAGEMENT_URL\` | RabbitMQ's management of such an environment |
`;

/** The text of docs/cli.md: every command with its arguments, options and examples, in the order of the overview. */
export async function cliReference(registry: Record<string, CommandEntry>): Promise<string> {
  const groups = await Promise.all(
    Object.entries(groupTitles).map(async ([group, title]) => {
      const entries = Object.entries(registry).filter(([, entry]) => entry.group === group);
      const sections = entries.map(async ([name, entry]) => commandSection(name, entry, await entry.load()));
      return [`## ${title}\n`, ...(await Promise.all(sections))].join('\n');
    }),
  );
  return [opening, ...groups].join('\n');
}

function commandSection(name: string, entry: CommandEntry, command: Command): string {
  const items = (list: string[]) => (list.length === 0 ? [] : ['', ...list]);
  return [
    `### ${name}`,
    '',
    `\`${usageOf(name, command)}\`: ${entry.summary}`,
    ...paragraphs(command.description).flatMap((paragraph) => ['', paragraph]),
    ...items(command.args.map((arg) => `- \`${arg.name}\`: ${textOf(arg)}`)),
    ...items(command.options.map((option) => `- \`${option.flags}\`: ${textOf(option)}`)),
    '',
    '```sh',
    ...command.examples.map(({ line, what }) => `${asTyped(line)}  # ${what}`),
    '```',
    '',
  ].join('\n');
}
