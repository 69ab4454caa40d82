import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../../services/platform/config/load.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';
import { transitiveViolations } from '../../../services/platform/registry/compatibility.ts';
import { RECORD_NAMES, RECORDS, schemaOf, subjectOf } from '../../../services/platform/registry/record-schemas.ts';
import type { AvroSchema } from '../../../services/platform/registry/schema.ts';
import { canonicalText } from '../../../services/platform/registry/schema-form.ts';

/** schemas/avro/history/<subject>/<version>.avsc: every version ever published, never edited. */
const HISTORY = packagePath('schemas', 'avro', 'history');
const { topics } = loadConfig({ environment: {} }).config;

function historyOf(subject: string): readonly AvroSchema[] {
  const versions = readdirSync(join(HISTORY, subject)).map((file) => Number(file.replace('.avsc', '')));
  return versions
    .sort((a, b) => a - b)
    .map((version, index) => {
      expect(version, `${subject} has no gap`).toBe(index + 1);
      return JSON.parse(readFileSync(join(HISTORY, subject, `${version}.avsc`), 'utf8')) as AvroSchema;
    });
}

describe('history of schemas', () => {
  it.each(RECORD_NAMES)('ends with the schema of %s as it is', (name) => {
    const subject = subjectOf(topics[RECORDS[name].topic].name);
    const history = historyOf(subject);
    const current = schemaOf(name);
    const text = `${JSON.stringify(current, null, 1)}\n`;
    const advice = `add schemas/avro/history/${subject}/${history.length + 1}.avsc with this text:\n${text}`;
    const newest = history.at(-1);
    expect(newest !== undefined && canonicalText(newest) === canonicalText(current), advice).toBe(true);
  });

  it.each(RECORD_NAMES)('has only compatible versions of %s', (name) => {
    const { topic, compatibility } = RECORDS[name];
    const history = historyOf(subjectOf(topics[topic].name));
    history.forEach((version, index) => {
      expect(transitiveViolations(version, history.slice(0, index), compatibility)).toEqual([]);
    });
  });

  it('has nothing that is not ours', () => {
    const subjects = RECORD_NAMES.map((name) => subjectOf(topics[RECORDS[name].topic].name));
    expect(readdirSync(HISTORY).sort()).toEqual(subjects.sort());
  });
});
