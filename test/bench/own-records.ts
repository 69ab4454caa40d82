/** The same events as the product's own records: changes with their explanation, memberships, facts that hold the event. */
import { eventFields } from '../../services/ingest/import/event-fields.ts';
import type { Interaction } from '../../services/core/domain/events/interaction.ts';
import type { Purchase } from '../../services/core/domain/events/purchase.ts';
import type { Survey } from '../../services/core/domain/events/survey.ts';
import type { Registry } from '../../services/platform/registry/registry.ts';
import { avroWire } from '../../services/segmenter/avro-wire.ts';
import type { JobRecords, JobRow } from './job-records.ts';

const BLANK = {
  interaction: eventFields('interactions').blank as unknown as Interaction,
  purchase: eventFields('purchases').blank as unknown as Purchase,
  survey: eventFields('surveys').blank as unknown as Survey,
};

export function ownRecords(registry: Registry): JobRecords {
  return {
    wire: avroWire(registry),
    tellMemberships: true,
    event: (row) => encodeRow(registry, row),
    change: (value) => {
      const { customerId, seq, number: segment, kind, effectiveAt } = registry.decode('change', value);
      return { customerId, seq, segment, kind, effectiveAt };
    },
    fact: (value) => {
      const { event, segments, entered, exited } = registry.decode('fact', value);
      const after = segments.filter((number) => !exited.includes(number)).concat(entered);
      const { eventId, occurredAt } = event;
      return { eventId, occurredAt, segments: after.sort((a, b) => a - b) };
    },
  };
}

function encodeRow(registry: Registry, row: JobRow): Uint8Array {
  const { eventId, customerId, at } = row;
  const header = { eventId, customerId, source: 'bench', occurredAt: at, receivedAt: at };
  switch (row.type) {
    case 'interaction':
      return registry.encodeView('interaction', {
        ...BLANK.interaction,
        ...header,
        kind: row.kind as Interaction['kind'],
        channel: row.channel as Interaction['channel'],
        issueId: row.issueId === '' ? null : row.issueId,
      });
    case 'purchase': {
      const amountMinor = Number(row.amount);
      // The job ignores the currency; in our records the base amount is the one that rules read.
      const amounts = { amountMinor, amountBaseMinor: amountMinor, currency: row.currency };
      return registry.encodeView('purchase', {
        ...BLANK.purchase,
        ...header,
        ...amounts,
        kind: 'order',
        orderId: row.orderId,
      });
    }
    case 'survey': {
      const answer = { surveyId: 'bench', questionId: row.kind, responseId: eventId, score: Number(row.score) };
      return registry.encodeView('survey', { ...BLANK.survey, ...header, ...answer, kind: row.kind as Survey['kind'] });
    }
  }
}
