import { expect, test } from 'vitest';
import { compileDateFormat } from '../../../services/ingest/import/date-format.ts';
import { Zone } from '../../../services/ingest/import/zone.ts';

const london = new Zone('Europe/London');
const local = (text: string): number => Date.parse(`${text}Z`);
const iso = (ms: number): string => new Date(ms).toISOString().slice(0, 16);

test('local times of winter and summer differ by the hour the clocks do', () => {
  expect(iso(london.toInstant(local('2011-01-15T12:00')))).toBe('2011-01-15T12:00');
  expect(iso(london.toInstant(local('2011-07-15T12:00')))).toBe('2011-07-15T11:00');
});

test('the hour that clocks skip in spring moves forward by an hour', () => {
  expect(iso(london.toInstant(local('2011-03-27T00:59')))).toBe('2011-03-27T00:59');
  expect(iso(london.toInstant(local('2011-03-27T01:30')))).toBe('2011-03-27T01:30');
  expect(iso(london.toInstant(local('2011-03-27T02:00')))).toBe('2011-03-27T01:00');
});

test('of the hour that happens twice in autumn the first is meant', () => {
  expect(iso(london.toInstant(local('2011-10-30T00:59')))).toBe('2011-10-29T23:59');
  expect(iso(london.toInstant(local('2011-10-30T01:30')))).toBe('2011-10-30T00:30');
  expect(iso(london.toInstant(local('2011-10-30T02:00')))).toBe('2011-10-30T02:00');
});

test('zones with half hours, far east, far west and changes by half an hour', () => {
  expect(iso(new Zone('Asia/Kolkata').toInstant(local('2024-05-01T00:00')))).toBe('2024-04-30T18:30');
  expect(iso(new Zone('Pacific/Kiritimati').toInstant(local('2024-05-01T00:00')))).toBe('2024-04-30T10:00');
  expect(iso(new Zone('Pacific/Pago_Pago').toInstant(local('2024-05-01T00:00')))).toBe('2024-05-01T11:00');
  expect(iso(new Zone('Australia/Lord_Howe').toInstant(local('2024-04-06T23:00')))).toBe('2024-04-06T12:00');
  expect(iso(new Zone('Australia/Lord_Howe').toInstant(local('2024-04-07T12:00')))).toBe('2024-04-07T01:30');
});

test('every local minute around the changes of a year lands where Temporal puts it', () => {
  for (const name of ['Europe/London', 'America/New_York', 'Australia/Lord_Howe', 'America/Sao_Paulo', 'Asia/Tehran']) {
    const zone = new Zone(name);
    for (let at = local('2017-01-01T00:10'); at < local('2018-01-01T00:00'); at += 97 * 60_000) {
      const { Temporal } = globalThis as unknown as { Temporal: TemporalLike };
      const expected = Temporal.PlainDateTime.from(new Date(at).toISOString().slice(0, 19)).toZonedDateTime(name);
      if (zone.toInstant(at) !== expected.epochMilliseconds)
        expect(iso(zone.toInstant(at)), `${name} ${iso(at)}`).toBe(iso(expected.epochMilliseconds));
    }
  }
});

interface TemporalLike {
  readonly PlainDateTime: {
    from(text: string): { toZonedDateTime(zone: string): { readonly epochMilliseconds: number } };
  };
}

test('formats take what they say and nothing else', () => {
  const read = (format: string, text: string): string | undefined => {
    const date = compileDateFormat(format)(text);
    return date && new Date(date.ms).toISOString();
  };
  expect(read('D/M/YYYY HH:mm', '29/2/2016 01:16')).toBe('2016-02-29T01:16:00.000Z');
  expect(read('D/M/YYYY HH:mm', '9/12/2016 23:59')).toBe('2016-12-09T23:59:00.000Z');
  expect(read('D/M/YYYY HH:mm', '29/2/2015 01:16')).toBeUndefined();
  expect(read('D/M/YYYY HH:mm', '2016-02-29 01:16')).toBeUndefined();
  expect(read('DD.MM.YY', '31.12.24')).toBe('2024-12-31T00:00:00.000Z');
  expect(read('DD.MM.YY', '1.12.24')).toBeUndefined();
  expect(read('MM/DD/YYYY hh:mm:ss A', '05/09/2016 12:00:00 AM')).toBe('2016-05-09T00:00:00.000Z');
  expect(read('MM/DD/YYYY h:mm A', '05/09/2016 1:05 pm')).toBe('2016-05-09T13:05:00.000Z');
  expect(read('D MMM YYYY', '7 Mar 2024')).toBe('2024-03-07T00:00:00.000Z');
  expect(read('D MMM YYYY', '7 Mrz 2024')).toBeUndefined();
  expect(read('YYYY-MM-DDTHH:mm:ss.SSSZ', '2024-03-07T10:00:00.250+02:00')).toBe('2024-03-07T08:00:00.250Z');
  expect(read('iso', '2024-03-07T10:00:00.1234567Z')).toBe('2024-03-07T10:00:00.123Z');
  expect(read('unix', '1700000000')).toBe('2023-11-14T22:13:20.000Z');
  expect(read('unixMs', '1700000000123')).toBe('2023-11-14T22:13:20.123Z');
});

test('a day without a time says so, and an offset in the text makes it an instant', () => {
  expect(compileDateFormat('YYYY-MM-DD')('2024-03-07')).toMatchObject({ hasTime: false, isInstant: false });
  expect(compileDateFormat('iso')('2024-03-07')).toMatchObject({ hasTime: false });
  expect(compileDateFormat('iso')('2024-03-07T10:00Z')).toMatchObject({ hasTime: true, isInstant: true });
});

test('a format without a day, a month or a year is refused', () => {
  expect(() => compileDateFormat('HH:mm')).toThrow(/needs a year, a month and a day/);
});
