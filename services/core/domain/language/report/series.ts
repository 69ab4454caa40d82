/** The series a definition rests on: in words, and how many bytes of a customer's state each takes (S4). */
import type { EventFilter } from '../ast.ts';
import { eventPhrase, fieldLabel } from '../event-phrase.ts';
import type { SeriesIdentity, SeriesNeed, Shape } from '../series-identity.ts';
import { spaced, traitLabel } from '../words/labels.ts';

export interface Bytes {
  /** Of a customer with TYPICAL_EVENTS events that match, within what is kept. */
  readonly typical: number;
  /** Whatever happens. */
  readonly bound: number;
}

const TYPICAL_EVENTS = 12;

/** What a series takes without any event: its number, its length, its bounds. */
const FRAME_BYTES = 10;
/** No page of a profile is larger. */
const PAGE_BYTES = 65_536;

/** One entry: typically, at most, and how many of them there are at most (S2). */
interface Entries {
  readonly typical: number;
  readonly largest: number;
  readonly most: number;
}

/** An instant as the difference to the one before, and the 64 bits that order equal instants. */
const INSTANT = { typical: 5, largest: 9 };
const HASH = 8;
const NUMBER = { typical: 4, largest: 10 };
const TEXT = { typical: 8, largest: 258 };

function entriesOf({ identity: { shape }, newest }: SeriesNeed): Entries {
  switch (shape.shape) {
    case 'tiles':
      return shape.field === null
        ? { typical: INSTANT.typical, largest: INSTANT.largest + 3, most: 2048 }
        : {
            typical: INSTANT.typical + 1 + NUMBER.typical,
            largest: INSTANT.largest + 6 + 3 * NUMBER.largest,
            most: 2048,
          };
    case 'tape': {
      const number =
        shape.field === null
          ? { typical: 0, largest: 0 }
          : { typical: 1 + NUMBER.typical, largest: 1 + NUMBER.largest };
      return {
        typical: INSTANT.typical + HASH + number.typical,
        largest: INSTANT.largest + HASH + number.largest,
        most: newest,
      };
    }
    case 'texts':
      return { typical: INSTANT.typical + HASH + 2, largest: INSTANT.largest + HASH + TEXT.largest, most: newest };
    case 'latest':
      return { typical: TEXT.typical + INSTANT.typical, largest: TEXT.largest + INSTANT.largest, most: 512 };
    case 'ends':
      return { typical: 2 * INSTANT.typical + HASH, largest: 2 * INSTANT.largest + HASH + TEXT.largest, most: 1 };
    case 'log': {
      const texts = (shape.key === null ? 0 : 1) + (shape.field === null ? 0 : 1);
      return {
        typical: INSTANT.typical + HASH + 1 + 4 * texts,
        largest: INSTANT.largest + HASH + 2 + TEXT.largest * texts,
        most: 1024,
      };
    }
    case 'writes':
      return {
        typical: INSTANT.typical + HASH + TEXT.typical,
        largest: INSTANT.largest + HASH + TEXT.largest,
        most: 32,
      };
    case 'stays':
      return { typical: 0, largest: 0, most: 0 };
  }
}

/** Of a series; its entries are shared by all definitions that need them. */
export function bytesOf(need: SeriesNeed): Bytes {
  const { typical, largest, most } = entriesOf(need);
  // Nobody writes to a trait as often as things happen.
  const events = need.identity.shape.shape === 'writes' ? 2 : TYPICAL_EVENTS;
  return {
    typical: FRAME_BYTES + Math.min(events, most) * typical,
    bound: Math.min(PAGE_BYTES, FRAME_BYTES + most * largest),
  };
}

/** `inbound contacts by phone: how many, by time`. */
export function seriesInWords({ filters, shape }: SeriesIdentity): string {
  const subject =
    shape.shape === 'log' ? [...new Set(filters.map(eventsInWords))].join('; ') : filters.map(eventsInWords).join('; ');
  return `${subject}${subject === '' ? '' : ': '}${shapeInWords(shape, filters)}`;
}

function eventsInWords(filter: EventFilter): string {
  return eventPhrase(filter, 'many');
}

function shapeInWords(shape: Shape, filters: readonly EventFilter[]): string {
  const label = (field: string): string =>
    fieldLabel(field, { events: filters.flatMap(({ events }) => events), where: [] });
  switch (shape.shape) {
    case 'tiles':
      return shape.field === null ? 'how many, by time' : `${label(shape.field)}, by time`;
    case 'tape':
      return shape.field === null ? 'the newest' : `the newest, with ${label(shape.field)}`;
    case 'texts':
      return `the newest, with ${label(shape.field)}`;
    case 'latest':
      return `when each ${label(shape.field)} was last`;
    case 'ends':
      return shape.field === null ? 'the first, and how many' : `the first, with ${label(shape.field)}`;
    case 'log':
      return `one by one${shape.key === null ? '' : `, by ${label(shape.key)}`}${shape.field === null ? '' : `, with ${label(shape.field)}`}`;
    case 'writes':
      return `what ${traitLabel(shape.trait)} was changed to`;
    case 'stays':
      return `entries and exits of ${spaced(shape.segment)}`;
  }
}
