/**
 * One event as a person or a program writes it in JSON, to a whole record of its input: optional fields may be missing,
 * instants may be ISO 8601, and whatever does not fit is reported at once, each with its path.
 */
import type { Input } from '../../core/domain/events/header.ts';
import { nearest } from '../../platform/config/nearest.ts';
import type { EventRecord } from '../../platform/registry/registry.ts';
import { refusalsOf, type EventMistake } from '../../platform/registry/validate.ts';
import { baseAmountOf } from '../base-amount.ts';
import { eventFields, type EventFields, type Field } from '../import/event-fields.ts';

/** What is filled in where the event does not say it. */
export interface EventDefaults {
  readonly eventId: () => string;
  readonly source: string;
  /** When the event arrived, ms UTC; also when it happened, unless it says so. */
  readonly receivedAt: number;
  /** Of the workspace: an amount in it is a base amount. */
  readonly currency: string;
}

export type EventReading<I extends Input> =
  | { readonly event: EventRecord<I>; readonly mistakes?: undefined }
  | { readonly event?: undefined; readonly mistakes: readonly EventMistake[] };

type Json = Readonly<Record<string, unknown>>;

export function eventFromJson<I extends Input>(input: I, json: unknown, defaults: EventDefaults): EventReading<I> {
  if (!isObject(json)) return { mistakes: [{ field: '', message: 'an event is a JSON object' }] };
  const mistakes: EventMistake[] = [];
  const filled = {
    ...{ source: defaults.source, receivedAt: defaults.receivedAt },
    // The instant of arrival exactly, whoever says it: so a resend is known for one (C1).
    occurredAt: json['receivedAt'] ?? defaults.receivedAt,
    ...json,
    eventId: json['eventId'] ?? defaults.eventId(),
  };
  const record = recordFrom(filled, eventFields(input), '', mistakes);
  if (input === 'purchases' && !Object.hasOwn(json, 'amountBaseMinor')) fillBaseAmount(record, defaults.currency);
  // Checked against every field of the schema above.
  const event = record as unknown as EventRecord<I>;
  if (mistakes.length === 0) mistakes.push(...refusalsOf(input, event));
  return mistakes.length === 0 ? { event } : { mistakes };
}

function fillBaseAmount(purchase: Record<string, unknown>, workspaceCurrency: string): void {
  const { amountMinor, currency } = purchase;
  if (typeof amountMinor !== 'number' || typeof currency !== 'string') return;
  purchase['amountBaseMinor'] = baseAmountOf(amountMinor, currency, workspaceCurrency);
}

function recordFrom(
  json: Json,
  { fields, blank }: EventFields,
  path: string,
  mistakes: EventMistake[],
): Record<string, unknown> {
  const record: Record<string, unknown> = { ...blank };
  for (const [name, value] of Object.entries(json)) {
    const field = fields.get(name);
    const place = path === '' ? name : `${path}.${name}`;
    if (field === undefined) {
      const meant = nearest(name, [...fields.keys()]);
      const message = `is no field${meant === undefined ? '' : `; did you mean ${meant}?`}`;
      mistakes.push({ field: place, message });
    } else if (value === null) {
      if (field.required || blank[name] !== null) mistakes.push({ field: place, message: 'must not be null' });
      else record[name] = null;
    } else record[name] = valueFrom(value, field, place, mistakes);
  }
  for (const [name, field] of fields) {
    if (field.required && !Object.hasOwn(json, name)) {
      mistakes.push({ field: path === '' ? name : `${path}.${name}`, message: 'is missing' });
    }
  }
  return record;
}

function valueFrom(value: unknown, { type }: Field, path: string, mistakes: EventMistake[]): unknown {
  const refuse = (message: string): unknown => {
    mistakes.push({ field: path, message });
    return undefined;
  };
  switch (type.is) {
    case 'text':
      return typeof value === 'string' ? value : refuse('must be text');
    case 'boolean':
      return typeof value === 'boolean' ? value : refuse('must be true or false');
    case 'number':
      return typeof value === 'number' ? value : refuse('must be a number');
    case 'integer':
      return Number.isSafeInteger(value) ? value : refuse('must be a whole number');
    case 'instant':
      return instantFrom(value) ?? refuse('must be an instant: 2026-01-31T12:00:00Z, or ms since 1970');
    case 'enum': {
      if (typeof value === 'string' && type.symbols.includes(value)) return value;
      const meant = typeof value === 'string' ? nearest(value, type.symbols) : undefined;
      return refuse(
        meant === undefined ? `must be one of ${type.symbols.join(', ')}` : `has no such value; did you mean ${meant}?`,
      );
    }
    case 'texts':
      return isTexts(value) ? value : refuse('must be a list of texts');
    case 'map':
      return isObject(value) ? mapFrom(value, type.lists, path, mistakes) : refuse('must be an object');
    case 'record':
      return isObject(value) ? recordFrom(value, type, path, mistakes) : refuse('must be an object');
    case 'records':
      if (!Array.isArray(value)) return refuse('must be a list of objects');
      return value.map((item: unknown, index) => {
        const place = `${path}.${index}`;
        if (isObject(item)) return recordFrom(item, type, place, mistakes);
        mistakes.push({ field: place, message: 'must be an object' });
        return undefined;
      });
  }
}

function mapFrom(json: Json, lists: boolean, path: string, mistakes: EventMistake[]): Json {
  for (const [name, value] of Object.entries(json)) {
    const single = value === null || ['boolean', 'number', 'string'].includes(typeof value);
    if (single || (lists && isTexts(value))) continue;
    const kinds = `text, a number, true, false or null${lists ? ', or a list of texts' : ''}`;
    mistakes.push({ field: `${path}.${name}`, message: `must be ${kinds}` });
  }
  return json;
}

/** ISO 8601 with its offset from UTC: without one an instant would depend on the machine. */
const INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)$/;

function instantFrom(value: unknown): number | undefined {
  if (Number.isSafeInteger(value)) return value as number;
  if (typeof value !== 'string' || !INSTANT.test(value)) return undefined;
  const instant = Date.parse(value);
  return Number.isNaN(instant) ? undefined : instant;
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
