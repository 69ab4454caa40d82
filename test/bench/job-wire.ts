/** The benchmark's records on the segmenter's wire: the schemas in ./schemas, framed with the ids its description gives. */
import { readFileSync } from 'node:fs';
import type { FactPrefix, InputEvent } from '../../services/core/domain/events/fact.ts';
import type { Input } from '../../services/core/domain/events/header.ts';
import { Fault } from '../../services/core/faults.ts';
import { Cursor } from '../../services/platform/registry/cursor.ts';
import { RecordCodec } from '../../services/platform/registry/record-codec.ts';
import type { AvroSchema } from '../../services/platform/registry/schema.ts';
import type { Wire } from '../../services/segmenter/wire.ts';
import type { JobRecords, JobRow } from './job-records.ts';

const FRAME_BYTES = 5;

function codec(name: string): RecordCodec {
  return new RecordCodec(
    JSON.parse(readFileSync(new URL(`./schemas/${name}.avsc`, import.meta.url), 'utf8')) as AvroSchema,
  );
}

const CODECS = {
  interaction: codec('interaction'),
  purchase: codec('purchase'),
  survey: codec('survey'),
  change: codec('change'),
  fact: codec('fact'),
};
const IDS = { interaction: 1, purchase: 2, survey: 3, change: 4, fact: 5 } as const;
type RecordName = keyof typeof IDS;

const OF_INPUT: Partial<Record<Input, RecordName>> = {
  interactions: 'interaction',
  purchases: 'purchase',
  surveys: 'survey',
};
const SCALES: Readonly<Record<string, readonly [number, number]>> = { csat: [1, 5], nps: [0, 10] };

const writing = new Cursor();
const reading = new Cursor();

/** Valid until the next call. */
function frame(name: RecordName, record: unknown): Uint8Array {
  writing.pos = 0;
  writing.reserve(FRAME_BYTES);
  for (let at = 0; at < FRAME_BYTES - 1; at++) writing.buf[at] = 0;
  writing.buf[FRAME_BYTES - 1] = IDS[name];
  writing.pos = FRAME_BYTES;
  CODECS[name].write(writing, record);
  return writing.buf.subarray(0, writing.pos);
}

function unframe(name: RecordName, value: Uint8Array): unknown {
  reading.read(value, FRAME_BYTES);
  return CODECS[name].ownReader(reading);
}

interface BenchEvent {
  readonly eventId: string;
  readonly customerId: string;
  readonly occurredAt: number;
  readonly kind?: string;
  readonly channel?: string;
  readonly issueId?: string | null;
  readonly orderId?: string;
  readonly amountMinor?: number;
  readonly currency?: string;
  readonly score?: number;
}

/** What the rules and the segmenter read of an event; the benchmark's events have no more. */
function eventOf(name: RecordName, event: BenchEvent): InputEvent {
  const [scaleMin, scaleMax] = SCALES[event.kind ?? ''] ?? [null, null];
  const header = { eventId: event.eventId, customerId: event.customerId, occurredAt: event.occurredAt, importId: null };
  if (name === 'interaction')
    return { ...header, kind: event.kind, channel: event.channel, issueId: event.issueId } as unknown as InputEvent;
  if (name === 'purchase') {
    const { amountMinor, currency, orderId } = event;
    return {
      ...header,
      kind: 'order',
      orderId,
      amountMinor,
      amountBaseMinor: amountMinor,
      currency,
    } as unknown as InputEvent;
  }
  return {
    ...header,
    kind: event.kind,
    score: event.score,
    scaleMin,
    scaleMax,
    lowerIsBetter: false,
  } as unknown as InputEvent;
}

function jobWire(): Wire {
  return {
    decodeEvent(input, value) {
      const name = OF_INPUT[input];
      if (name === undefined || value === null)
        throw new Fault('RECORD_UNDECODABLE', 'The benchmark has no such record');
      return eventOf(name, unframe(name, value) as BenchEvent);
    },
    factPrefix(prefix, event) {
      const fields = event as unknown as Partial<BenchEvent>;
      const type = OF_INPUT[prefix.input]!;
      return frame('fact', {
        eventId: event.eventId,
        customerId: prefix.customerId,
        occurredAt: event.occurredAt,
        type,
        kind: type === 'purchase' ? null : (fields.kind ?? null),
        channel: fields.channel ?? null,
        issueId: fields.issueId ?? null,
        orderId: fields.orderId ?? null,
        amountMinor: fields.amountMinor ?? null,
        currency: fields.currency ?? null,
        score: fields.score ?? null,
        segments: segmentsAfter(prefix),
      });
    },
    factEvent: () => undefined,
    change(change, _explain, toggles) {
      // The benchmark tells the set after each single change; what comes after it in this evaluation is taken back.
      let segments: readonly number[] = change.segments;
      for (let later = change.index + 1; later < toggles.length; later++) {
        const { rule, kind: what } = toggles[later]!;
        const { number } = rule;
        segments =
          what === 'entered' ? segments.filter((held) => held !== number) : [...segments, number].sort((a, b) => a - b);
      }
      const { customerId, number, kind, effectiveAt, cause, seq } = change;
      return frame('change', { customerId, segment: number, kind, effectiveAt, cause, seq, segments });
    },
    membership() {
      throw new Error('the benchmark tells no memberships');
    },
  };
}

/** The benchmark tells the set right after the event (J1: before + entered − exited). */
function segmentsAfter({ segments, entered, exited }: FactPrefix): readonly number[] {
  if (entered.length === 0 && exited.length === 0) return segments;
  const after: number[] = [];
  let next = 0;
  for (const number of segments) {
    for (; next < entered.length && entered[next]! < number; next++) after.push(entered[next]!);
    if (!exited.includes(number)) after.push(number);
  }
  for (; next < entered.length; next++) after.push(entered[next]!);
  return after;
}

/** The records as the benchmark's description has them. */
export function benchRecords(): JobRecords {
  return { wire: jobWire(), tellMemberships: false, event: encodeRow, change: toldChange, fact: toldFact };
}

function encodeRow({ type, at, ...row }: JobRow): Uint8Array {
  const header = { eventId: row.eventId, customerId: row.customerId, occurredAt: at };
  switch (type) {
    case 'interaction': {
      const issueId = row.issueId === '' ? null : row.issueId;
      return frame('interaction', { ...header, kind: row.kind, channel: row.channel, issueId });
    }
    case 'purchase':
      return frame('purchase', {
        ...header,
        orderId: row.orderId,
        amountMinor: Number(row.amount),
        currency: row.currency,
      });
    case 'survey':
      return frame('survey', { ...header, kind: row.kind, score: Number(row.score) });
  }
}

function toldChange(value: Uint8Array): ReturnType<JobRecords['change']> {
  return unframe('change', value) as ReturnType<JobRecords['change']>;
}

function toldFact(value: Uint8Array): ReturnType<JobRecords['fact']> {
  return unframe('fact', value) as ReturnType<JobRecords['fact']>;
}
