import { OPTIONS, type Option } from './option-list.ts';
import { formatDuration } from './units.ts';

/** The reference page of all options, Markdown, made from their declarations. */
export function configurationPage(): string {
  const sections = Map.groupBy(OPTIONS, ({ key }) => key.slice(0, key.indexOf('.')));
  const tables = [...sections].map(([section, options]) => {
    const rows = options.map((option) => `| ${cells(option).join(' | ')} |`);
    return [`## ${section}`, '', '| option | default | accepted | |', '| --- | --- | --- | --- |', ...rows].join('\n');
  });
  return `${INTRODUCTION}\n\n${tables.join('\n\n')}\n`;
}

function cells({ key, variable, facts }: Option): readonly string[] {
  const unit = facts.unit === null || facts.unit === 'port' ? '' : ` ${facts.unit}`;
  const standard =
    facts.default === null ? 'unset' : facts.default === '' ? 'empty' : `\`${String(facts.default)}\`${unit}`;
  const told = facts.unit === 'ms' && typeof facts.default === 'number' && facts.default >= 1_000;
  const secret = facts.secret ? ` Secret: \`${variable}_FILE\` names a file that holds it.` : '';
  return [
    `\`${key}\`<br>\`${variable}\``,
    told ? `${standard} (${formatDuration(facts.default)})` : standard,
    `${facts.range}${facts.range.startsWith('one of') || facts.unit === 'port' ? '' : unit}`,
    `${facts.description}${secret}`.replaceAll('|', '\\|'),
  ];
}

const INTRODUCTION = `# Configuration

<!-- Made from services/platform/config/options.ts by \`npm run docs\`; a test checks that it is current. -->

A value comes from the first of these that gives it:

1. a flag: \`--set clock.delayMs=1s\`, or a flag of its own such as \`--data DIR\`;
2. the environment: \`TRIBUTARY_CLOCK_DELAY_MS=1000\` (an empty variable counts as unset);
3. the file: \`--config FILE\`, else \`TRIBUTARY_CONFIG\`, else \`tributary.yaml\` in the working directory, YAML or JSON;
4. the default.

\`\`\`yaml
# tributary.yaml
clock:
  delayMs: 1s
http:
  port: 8080
\`\`\`

Durations and sizes are numbers in the unit named, or an amount with its own unit: \`500ms\`, \`90s\`, \`24h\`, \`7d\`, \`900KB\`,
\`1MiB\`. \`null\` unsets what can be unset. A relative path in the file counts from the file, elsewhere from the working
directory. A secret can be given as a file that holds it: \`TRIBUTARY_CLICKHOUSE_PASSWORD_FILE\`, or \`passwordFile\` in the
file. All mistakes are reported together, each with its place; \`tributary config check\` does only that, and
\`tributary config print\` shows every value and where it came from, secrets masked.`;
