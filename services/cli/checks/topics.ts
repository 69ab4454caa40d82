import { Fault } from '../../core/faults.ts';
import { alterCommand } from '../kafka-commands.ts';
import { canonicalText } from '../../platform/registry/schema-form.ts';
import { wantedSchemas } from '../../platform/registry/registry.ts';
import { missingSchemas } from '../../platform/registry/schema-store.ts';
import { openSchemaStore } from '../../platform/registry/open-schema-store.ts';
import type { RegisteredSchema, SchemaStore, WantedSchema } from '../../platform/registry/schema-store.ts';
import { compareTopics } from '../../platform/topics/compare-topics.ts';
import { topicPlan } from '../../platform/topics/topic-plan.ts';
import type { Check, Finding } from './check.ts';

const APPLY = 'Run `tributary topics apply`; `tributary up` does it too.';

export const topicsCheck: Check = {
  name: 'topics',
  needsLog: true,
  run: async ({ installation }) => {
    const log = await installation.log();
    if (log === undefined) return [];
    const { config } = installation;
    const { topics } = config;
    const plan = topicPlan(config);
    const { missing, asPlanned, differences } = await compareTopics(log, plan);
    const found: Finding[] = differences.map(({ topic, setting, found: is, wanted, fix }) => {
      const spec = plan.find((planned) => planned.spec.name === topic)!.spec;
      const command = config.log.kind === 'kafka' ? alterCommand(spec, setting, config) : undefined;
      const how = command === undefined ? '' : ` The topic: ${command}`;
      const message = `${topic}: ${setting} is ${is}, wanted is ${wanted}`;
      return { level: 'fail', message, fix: `${sentence(fix)}.${how}` };
    });
    if (missing.length > 0) {
      const names = missing.map(({ spec }) => spec.name).join(', ');
      found.push({ level: 'warn', message: `not created yet: ${names}`, fix: APPLY });
    }
    if (found.length > 0) return found;
    return { level: 'ok', message: `${asPlanned.length} as planned, ${topics.partitions} partitions for customers` };
  },
};

/** What is written under an id must be readable by the schema behind it, for as long as the log lives. */
export const schemasCheck: Check = {
  name: 'schemas',
  needsLog: true,
  run: async ({ installation }) => {
    const log = await installation.log();
    if (log === undefined) return [];
    const store = await openSchemaStore(log, installation.config);
    const wanted = wantedSchemas(installation.topics);
    try {
      return await compared(store, wanted);
    } catch (fault) {
      if (!(fault instanceof Fault)) throw fault;
      if (fault.code === 'TOPIC_UNKNOWN') return { level: 'warn', message: 'not registered yet', fix: APPLY };
      return { level: 'fail', message: fault.message, fix: fault.next };
    }
  },
};

async function compared(store: SchemaStore, wanted: readonly WantedSchema[]): Promise<Finding | Finding[]> {
  const schemas = await store.registered(wanted.map(({ subject }) => subject));
  const missing = missingSchemas(schemas, wanted);
  const found: Finding[] = [...ambiguous(schemas), ...(await strangers(store, schemas))];
  if (missing.length > 0) {
    const names = missing.map(({ subject, version }) => `${subject} version ${version}`).join(', ');
    found.push({ level: 'warn', message: `not registered yet: ${names}`, fix: APPLY });
  }
  for (const { subject, schema } of wanted) {
    const newest = schemas.filter((one) => one.subject === subject).sort((a, b) => b.version - a.version)[0];
    const behind = newest !== undefined && canonicalText(newest.schema) !== canonicalText(schema);
    if (!behind || missing.some((one) => one.subject === subject)) continue;
    const message = `${subject}: version ${newest.version} is newer than the one this program has`;
    found.push({ level: 'warn', message, fix: 'Run the newest version of Tributary that wrote to this log.' });
  }
  if (found.length > 0) return found;
  const ids = new Set(schemas.map(({ id }) => id)).size;
  return { level: 'ok', message: `${ids} ids of ${store.name}; behind those of ours are the files of this program` };
}

/** What the store says of an id must be what it says of the version: a restored registry may have given the id anew. */
async function strangers(store: SchemaStore, schemas: readonly RegisteredSchema[]): Promise<Finding[]> {
  const behind = await store.lookUp(schemas.map(({ id }) => id));
  return schemas.flatMap(({ id, subject, version, schema }): Finding[] => {
    const there = behind.get(id);
    if (there !== undefined && 'schema' in there && canonicalText(there.schema) === canonicalText(schema)) return [];
    const message = `behind id ${id} stands another schema than version ${version} of ${subject}`;
    return [{ level: 'fail', message, fix: 'Restore the registry from its newest backup before anything is written.' }];
  });
}

/** An id never changes hands (one serial step gives them); two texts behind one make what was written under it unreadable. */
function ambiguous(schemas: readonly RegisteredSchema[]): Finding[] {
  const texts = new Map<number, Set<string>>();
  for (const { id, schema } of schemas) texts.set(id, (texts.get(id) ?? new Set()).add(canonicalText(schema)));
  return [...texts].flatMap(([id, forms]): Finding[] => {
    if (forms.size === 1) return [];
    const fix = 'Restore the data directory from a backup taken before the second one was registered.';
    return [{ level: 'fail', message: `${forms.size} different schemas stand behind id ${id}`, fix }];
  });
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
