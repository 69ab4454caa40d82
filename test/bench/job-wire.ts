/** The benchmark's records on the segmenter's wire: the schemas in ./schemas, framed with the ids its description gives. */
import avro from 'avsc';
import { readFileSync } from 'node:fs';
import type { FactPrefix, InputEvent } from '../../services/core/domain/events/fact.ts';
import type { Input } from '../../services/core/domain/events/header.ts';
import { Fault } from '../../services/core/faults.ts';
import type { Wire } from '../../services/segmenter/wire.ts';
import type { JobRecords, JobRow } from './job-records.ts';

const FRAME_BYTES = 5;
const BUFFER_BYTES = 4096;

function type(name: string): avro.Type {
  const schema = JSON.parse(readFileSync(new URL(`./schemas/${name}.avsc`, import.meta.url), 'utf8')) as avro.Schema;
  return avro.Type.forSchema(schema, { wrapUnions: false });
}

const TYPES = {
  interaction: type('interaction'),
  purchase: type('purchase'),
  survey: type('survey'),
  change: type('change'),
  fact: type('fact'),
};
const IDS = { interaction: 1, purchase: 2, survey: 3, change: 4, fact: 5 } as const;
type RecordName = keyof typeof IDS;

const OF_INPUT: Partial<Record<Input, RecordName>> = {
  interactions: 'interaction',
  purchases: 'purchase',
  surveys: 'survey',
};
const SCALES: Readonly<Record<string, readonly [number, number]>> = { csat: [1, 5], nps: [0, 10] };

const buffer = Buffer.alloc(BUFFER_BYTES);

function frame(name: RecordName, record: unknown): Buffer {
  buffer[0] = 0;
  buffer.writeInt32BE(IDS[name], 1);
  const end = TYPES[name].encode(record, buffer, FRAME_BYTES);
  if (end < 0) throw new Error(`a ${name} of the benchmark is larger than ${BUFFER_BYTES} bytes`);
  return buffer.subarray(0, end);
}

function unframe(name: RecordName, value: Uint8Array): unknown {
  return TYPES[name].fromBuffer(Buffer.from(value.buffer, value.byteOffset + FRAME_BYTES, value.length - FRAME_BYTES));
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
        const { segment, entered } = toggles[later]!;
        const { number } = segment.live;
        segments = entered ? segments.filter((held) => held !== number) : [...segments, number].sort((a, b) => a - b);
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
  const stayed = segments.filter((number) => !exited.includes(number));
  return stayed.concat(entered).sort((a, b) => a - b);
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
