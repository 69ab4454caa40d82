/** The mapping file: what the rows of a CSV file say, in terms of our events. Written in YAML; see infra/docs/import.md. */
import { z } from 'zod';
import { INPUTS } from '../../core/domain/events/header.ts';

const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()], 'expected a text, a number, true or false');
export type Scalar = string | number | boolean | null;

/** What a table or a condition compares with; cells are text, so `1` and `"1"` are the same. */
const cellText = z.union([z.string(), z.number(), z.boolean()], 'expected a text or a number').transform(String);

const table = z.record(z.string(), scalar);

/** How a value is made of a row or of the rows of a group. Short forms: `$Column`, or a constant. */
export interface ValueSpec {
  readonly column?: string | undefined;
  /** Which row of a history or a group the column is read from. */
  readonly of?: 'this' | 'first' | 'previous' | undefined;
  readonly value?: Scalar | undefined;
  /** Text with `{Column}` in it; missing when one of them is. */
  readonly template?: string | undefined;
  /** The first of several that is not missing. */
  readonly first?: readonly ValueSpec[] | undefined;
  /** The product of several numbers. */
  readonly times?: readonly ValueSpec[] | undefined;
  readonly sum?: ValueSpec | undefined;
  readonly min?: ValueSpec | undefined;
  readonly max?: ValueSpec | undefined;
  readonly count?: 'rows' | undefined;
  readonly distinct?: ValueSpec | undefined;
  readonly list?: ValueSpec | undefined;
  readonly records?: Readonly<Record<string, ValueSpec>> | undefined;

  readonly stripPrefix?: string | undefined;
  readonly stripSuffix?: string | undefined;
  readonly case?: 'lower' | 'upper' | undefined;
  readonly missing?: readonly string[] | undefined;
  readonly table?: string | Readonly<Record<string, Scalar>> | undefined;
  readonly otherwise?: Scalar | undefined;
  readonly split?: string | undefined;
  readonly date?: string | undefined;
  readonly zone?: string | undefined;
  readonly time?: string | undefined;
  readonly decimals?: number | undefined;
  readonly as?: 'text' | 'number' | 'boolean' | 'list' | undefined;
}

/** Forms of which a value has exactly one. */
export const VALUE_FORMS = [
  ...(['column', 'value', 'template', 'first', 'times'] as const),
  ...(['sum', 'min', 'max', 'count', 'distinct', 'list', 'records'] as const),
] as const;

function longForm(input: unknown): unknown {
  if (typeof input === 'object' && input !== null) return input;
  if (typeof input === 'string' && input.startsWith('$$')) return { value: input.slice(1) };
  if (typeof input === 'string' && input.startsWith('$')) return { column: input.slice(1) };
  return { value: input };
}

const value: z.ZodType<ValueSpec> = z.lazy(() =>
  z.preprocess(
    longForm,
    z.strictObject({
      column: z.string().min(1).optional(),
      of: z.enum(['this', 'first', 'previous']).optional(),
      value: scalar.optional(),
      template: z.string().min(1).optional(),
      first: z.array(value).min(1).optional(),
      times: z.array(value).min(2).optional(),
      sum: value.optional(),
      min: value.optional(),
      max: value.optional(),
      count: z.literal('rows').optional(),
      distinct: value.optional(),
      list: value.optional(),
      records: z.record(z.string(), value).optional(),
      stripPrefix: z.string().min(1).optional(),
      stripSuffix: cellText.optional(),
      case: z.enum(['lower', 'upper']).optional(),
      missing: z.array(cellText).optional(),
      table: z.union([z.string(), table], 'expected the name of a table, or the table itself').optional(),
      otherwise: scalar.optional(),
      split: z.string().min(1).optional(),
      date: z.string().min(1).optional(),
      zone: z.string().min(1).optional(),
      time: z
        .string()
        .regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'expected a time of day, as "12:00"')
        .optional(),
      decimals: z.int().min(0).max(4).optional(),
      as: z.enum(['text', 'number', 'boolean', 'list']).optional(),
    }),
  ),
);

/** A question about a row, and in a history about the row before it. */
export interface ConditionSpec {
  readonly column?: string | undefined;
  readonly is?: string | undefined;
  readonly in?: readonly string[] | undefined;
  readonly startsWith?: string | undefined;
  readonly missing?: boolean | undefined;
  readonly atLeast?: number | undefined;
  readonly atMost?: number | undefined;
  readonly opening?: true | undefined;
  readonly changed?: string | undefined;
  readonly became?: ConditionSpec | undefined;
  readonly previous?: ConditionSpec | undefined;
  readonly rises?: ValueSpec | undefined;
  readonly all?: readonly ConditionSpec[] | undefined;
  readonly any?: readonly ConditionSpec[] | undefined;
  readonly not?: ConditionSpec | undefined;
}

export const CONDITION_FORMS = [
  ...(['column', 'opening', 'changed', 'became', 'previous', 'rises', 'all', 'any', 'not'] as const),
] as const;
export const CONDITION_TESTS = ['is', 'in', 'startsWith', 'missing', 'atLeast', 'atMost'] as const;

const condition: z.ZodType<ConditionSpec> = z.lazy(() =>
  z.strictObject({
    column: z.string().min(1).optional(),
    is: cellText.optional(),
    in: z.array(cellText).min(1).optional(),
    startsWith: cellText.optional(),
    missing: z.boolean().optional(),
    atLeast: z.number().optional(),
    atMost: z.number().optional(),
    opening: z.literal(true).optional(),
    changed: z.string().min(1).optional(),
    became: condition.optional(),
    previous: condition.optional(),
    rises: value.optional(),
    all: z.array(condition).min(1).optional(),
    any: z.array(condition).min(1).optional(),
    not: condition.optional(),
  }),
);

const columnNames = z.array(z.string().min(1)).min(1);

const event = z.strictObject({
  input: z.enum(INPUTS),
  /** Part of the event ids; needed only where two entries would make the same kind. */
  name: z
    .string()
    .regex(/^[a-z0-9_-]+$/, 'small letters, digits, - and _')
    .optional(),
  when: condition.optional(),
  /** In a history: only the first time in a group. */
  once: z.boolean().default(false),
  /** Only when its content differs from the last such event of the same customer. */
  onlyChanges: z.boolean().default(false),
  kind: value.optional(),
  occurredAt: value.optional(),
  customerId: value.optional(),
  eventId: value.optional(),
  fields: z.record(z.string(), value).default({}),
});
export type EventSpec = z.infer<typeof event>;

export const MAPPING = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'small letters, digits and -, at most 64'),
  about: z.string().optional(),
  /** The header field `source` of every event. */
  source: z.string().min(1).optional(),
  timezone: z.string().default('UTC'),
  file: z
    .strictObject({
      delimiter: z.string().length(1).default(','),
      encoding: z.string().default('utf-8'),
      /** Cells that say nothing. An empty cell never does. */
      missing: z.array(cellText).default([]),
      decimalMark: z.enum(['.', ',']).default('.'),
      groupMark: z.enum(['', ',', '.', ' ', "'"]).default(''),
    })
    .prefault({}),
  tables: z.record(z.string(), table).default({}),
  skip: z.array(z.strictObject({ when: condition, as: z.string().min(1) })).default([]),
  rows: z
    .union(
      [
        z.strictObject({ group: columnNames }),
        z.strictObject({ history: columnNames, at: value }),
        z.strictObject({ identity: columnNames }),
      ],
      'expected one of {group: [columns]}, {history: [columns], at: value}, {identity: [columns]}',
    )
    .optional(),
  customerId: value,
  occurredAt: value.optional(),
  events: z.array(event).min(1),
  coverage: z
    .array(
      z.strictObject({
        input: z.enum(INPUTS),
        kinds: z.union([z.literal('*'), z.array(z.string()).min(1)], 'expected "*" or a list of kinds').default('*'),
        since: z.union(
          [z.enum(['start', 'always']), z.iso.date().transform((day) => Date.parse(day))],
          'expected start, always, or a date as 2024-01-31',
        ),
      }),
    )
    .default([]),
});
export type Mapping = z.infer<typeof MAPPING>;
