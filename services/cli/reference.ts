import { definitionSchema } from '../core/domain/language/schema.ts';
import { configurationPage } from '../platform/config/reference.ts';
import { metricsPage } from '../platform/telemetry/reference.ts';

interface Page {
  /** Where it is kept, from the root of the package. */
  readonly file: readonly string[];
  readonly text: () => string;
}

/** Pages that are made from the code. */
export const REFERENCE_PAGES = {
  configuration: { file: ['infra', 'docs', 'configuration.md'], text: configurationPage },
  metrics: { file: ['infra', 'docs', 'metrics.md'], text: metricsPage },
  schema: { file: ['schemas', 'segments', 'definition.schema.json'], text: schemaPage },
} as const satisfies Readonly<Record<string, Page>>;

/** Of a definition file, for editors. */
function schemaPage(): string {
  return `${laidOut(definitionSchema(), '')}\n`;
}

const WIDTH = 120;

/** As the formatter of this repository lays JSON out: lists of plain values on one line where there is room. */
function laidOut(value: unknown, indent: string, before = 0): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const flat = `[${value.map((one) => JSON.stringify(one)).join(', ')}]`;
    const plain = value.every((one) => typeof one !== 'object' || one === null);
    if (plain && indent.length + before + flat.length < WIDTH) return flat;
    return `[\n${value.map((one) => inner + laidOut(one, inner)).join(',\n')}\n${indent}]`;
  }
  const entries = Object.entries(value).map(([name, one]) => {
    const key = `${JSON.stringify(name)}: `;
    return inner + key + laidOut(one, inner, key.length);
  });
  return entries.length === 0 ? '{}' : `{\n${entries.join(',\n')}\n${indent}}`;
}
