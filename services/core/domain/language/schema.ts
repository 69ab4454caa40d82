/** The JSON Schema of definition files, made from the authored form: for editors, and for whoever writes definitions by program. */
import { z } from 'zod';
import { authoredGroup, authoredSegment, authoredTable } from './authored/definitions.ts';

const document = z.union([
  authoredSegment.meta({ id: 'segment', description: 'A segment: a rule about one customer.' }),
  authoredGroup.meta({ id: 'group', description: 'An exclusive group: a customer is in exactly one member.' }),
  authoredTable.meta({ id: 'table', description: 'A table of cut-offs: the value at each percentile.' }),
]);

/** Draft 7, which editors understand. */
export function definitionSchema(): Readonly<Record<string, unknown>> {
  const { $schema, ...schema } = z.toJSONSchema(document, { target: 'draft-7', io: 'input', reused: 'ref' });
  return {
    $schema,
    title: 'Tributary definition',
    description: 'A segment, an exclusive group or a table of cut-offs, as a document of a YAML or JSON file.',
    ...schema,
  };
}
