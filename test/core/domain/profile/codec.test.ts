import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { TraitValue } from '../../../../services/core/domain/events/profile.ts';
import { decodeProfile, dueOf, encodeProfile, type Pages } from '../../../../services/core/domain/profile/codec.ts';
import { newProfile, sourceOf, type Profile } from '../../../../services/core/domain/profile/profile.ts';
import type { SeriesSet } from '../../../../services/core/domain/profile/series-set.ts';
import { Latest } from '../../../../services/core/domain/series/latest.ts';
import { Tape } from '../../../../services/core/domain/series/tape.ts';
import { Tiles } from '../../../../services/core/domain/series/tiles.ts';
import { Fault } from '../../../../services/core/faults.ts';

const MINUTE = 60_000;

/** The bytes, copied: pages are views that hold until the next call. */
function pagesOf(profile: Profile, due: number): Pages {
  return encodeProfile(profile, due).map((page) => (page === undefined ? undefined : Uint8Array.from(page)));
}

function hexOf(pages: Pages): readonly string[] {
  return pages.map((page) => (page === undefined ? '-' : Buffer.from(page).toString('hex')));
}

const instant = fc.oneof(fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 }), fc.constantFrom(0, -1, 1));
const extended = fc.oneof(instant, fc.constantFrom(Infinity, -Infinity));
const hash = fc.integer({ min: 0, max: 0xffff_ffff });
/** What a source system can send as a trait, and more. */
const traitValue: fc.Arbitrary<TraitValue | undefined> = fc.oneof(
  fc.constantFrom<TraitValue | undefined>(
    undefined,
    null,
    true,
    false,
    '',
    'ü€𝄞',
    '\u0000',
    0,
    -0,
    2 ** 53,
    -1.5,
    5e-324,
  ),
  fc.double({ noNaN: true }),
  fc.string({ unit: 'binary', maxLength: 80 }),
  fc.array(fc.string({ unit: 'binary', maxLength: 8 }), { maxLength: 5 }),
);

/** One thing that happens to a profile. */
type Step = (profile: Profile) => void;

const source = fc.constantFrom('ada', 'ada', 'ada', 'crm-7');
const steps: fc.Arbitrary<Step> = fc.oneof(
  fc.tuple(source, fc.nat({ max: 3 }), instant).map(([id, birth, at]): Step => {
    return (profile) => {
      const { series } = sourceOf(profile, id);
      if (series.get(birth) === undefined) series.set(birth, new Tiles(false));
      (series.get(birth) as Tiles).add(at, null);
    };
  }),
  fc
    .tuple(source, fc.integer({ min: 4, max: 7 }), instant, fc.option(fc.integer()))
    .map(([id, birth, at, value]): Step => {
      return (profile) => {
        const { series } = sourceOf(profile, id);
        if (series.get(birth) === undefined) series.set(birth, new Tiles(true));
        (series.get(birth) as Tiles).add(at, value);
      };
    }),
  fc
    .tuple(source, fc.integer({ min: 300, max: 303 }), instant, hash, fc.option(fc.integer()))
    .map(([id, birth, at, low, value]): Step => {
      return (profile) => {
        const { series } = sourceOf(profile, id);
        if (series.get(birth) === undefined) series.set(birth, new Tape(birth - 299));
        (series.get(birth) as Tape).add(at, 7, low, value);
      };
    }),
  fc.tuple(source, instant, fc.string({ unit: 'binary', maxLength: 20 })).map(([id, at, value]): Step => {
    return (profile) => {
      const { series } = sourceOf(profile, id);
      if (series.get(9) === undefined) series.set(9, new Latest());
      (series.get(9) as Latest).add(at, value);
    };
  }),
  fc
    .tuple(source, fc.string({ unit: 'binary', maxLength: 12 }), traitValue, instant, hash)
    .map(([id, name, value, at, high]): Step => {
      return (profile) => sourceOf(profile, id).traits.set(name, { value, at, high, low: high ^ 1 ? high : 0 });
    }),
  fc.tuple(source, instant, fc.nat({ max: 4 }), hash).map(([id, at, input, low]): Step => {
    return (profile) => void sourceOf(profile, id).recent.remember(at, input, 3, low, low, 50);
  }),
  fc.tuple(fc.integer({ min: 1, max: 70_000 }), extended).map(([number, at]): Step => (profile) => {
    if (profile.held.has(number)) profile.held.leave(number);
    else profile.held.enter(number, at);
  }),
  fc
    .tuple(extended, extended, extended, fc.nat(), fc.integer({ min: -1 }))
    .map(([asOf, firedThrough, tenure, seq, rulesOffset]): Step => {
      return (profile) => Object.assign(profile, { asOf, firedThrough, tenure, seq, rulesOffset });
    }),
);

/** A series but for whether it changed. */
function contentOf(series: SeriesSet, birth: number): unknown {
  return Object.entries(series.get(birth)!).filter(([name]) => name !== 'changed');
}

function assertAlike(profile: Profile, due: number): void {
  const pages = pagesOf(profile, due);
  const back = decodeProfile('ada', pages);
  expect(hexOf(pagesOf(back, due))).toEqual(hexOf(pages));
  expect(dueOf(pages[0]!)).toBe(due);
  for (const name of ['life', 'seq', 'asOf', 'firedThrough', 'tenure', 'rulesOffset', 'held'] as const)
    expect(back[name], name).toEqual(profile[name]);
  expect(back.sources.map(({ id, traits, recent }) => [id, traits, recent.size])).toEqual(
    profile.sources.map(({ id, traits, recent }) => [id, traits, recent.size]),
  );
  back.sources.forEach(({ series }, index) => {
    const { series: written } = profile.sources[index]!;
    expect(series.births).toEqual(written.births);
    for (const birth of series.births) expect(contentOf(series, birth)).toEqual(contentOf(written, birth));
  });
  // What was read still gives the bytes it was read from.
  expect(hexOf(pagesOf(back, due))).toEqual(hexOf(pages));
  for (const page of pages) expect(page?.length ?? 0).toBeLessThan(64 * 1024);
}

describe('a profile (S4)', () => {
  it('is read back as it was written, and written again to the same bytes, after whatever happened to it', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(steps, fc.boolean()), { maxLength: 150 }), extended, (list, due) => {
        let profile = newProfile('ada');
        // Commits come in between at random: the profile goes on from its bytes.
        for (const [step, commit] of list) {
          step(profile);
          if (commit) profile = decodeProfile('ada', pagesOf(profile, due));
        }
        assertAlike(profile, due);
      }),
      { numRuns: 300 },
    );
  });

  it('is one page while it is small', () => {
    const profile = newProfile('ada');
    const tiles = new Tiles(false);
    sourceOf(profile, 'ada').series.set(1, tiles);
    for (let index = 0; index < 200; index++) {
      tiles.add(index * MINUTE, null);
      expect(pagesOf(profile, index)).toHaveLength(1);
      assertAlike(profile, index);
    }
  });

  it('becomes a core page and a page per series when it grows, so that an event rewrites what it touched', () => {
    const profile = newProfile('ada');
    const { series } = sourceOf(profile, 'ada');
    const few = new Tiles(true);
    const many = new Tiles(true);
    series.set(2, few);
    series.set(251, many);
    few.add(0, 1);
    for (let index = 0; index < 2048; index++) many.add(index * MINUTE, 1_000_000_007 * index);
    assertAlike(profile, Infinity);
    const bytes = (): readonly (readonly [page: number, hex: string])[] =>
      pagesOf(profile, Infinity).flatMap((page, number) =>
        page === undefined ? [] : [[number, Buffer.from(page).toString('hex')] as const],
      );
    const before = bytes();
    // The core, birth 251 on the page that birth 1 would have, birth 2 on the next.
    expect(before.map(([page]) => page)).toEqual([0, 2, 3]);
    few.add(MINUTE, 5);
    expect(bytes().filter(([, hex], at) => hex !== before[at]![1])).toEqual([[3, expect.any(String)]]);
    // And back again: what is dropped leaves its page empty.
    series.delete(251);
    expect(pagesOf(profile, Infinity)).toHaveLength(1);
    assertAlike(profile, Infinity);
  });

  it('holds every series at its bound in pages below 64 KB', () => {
    const profile = newProfile('ada');
    const { series, recent } = sourceOf(profile, 'ada');
    const folded = new Tiles(true);
    for (let tile = 0; tile < 2048; tile++)
      for (let index = 0; index < 17; index++) folded.add(tile * MINUTE + index, 9_000_000_000_000 - index);
    const tape = new Tape(100);
    for (let index = 0; index < 200; index++) tape.add(index * 1_000_000_007, index, index, -9_000_000_000_000);
    const latest = new Latest();
    for (let index = 0; index < 600; index++) latest.add(index * 1_000_000_007, `${'é'.repeat(36)}${index}`);
    series.set(0, folded);
    series.set(1, tape);
    series.set(2, latest);
    for (let index = 0; index < 3_000; index++) recent.remember(index * 86_400_000, 0, index, index, index, 4_096);
    assertAlike(profile, 12_500);
  });

  it('of a format this version does not know is refused', () => {
    const [page] = pagesOf(newProfile('ada'), 0);
    page![0] = 99;
    expect(() => decodeProfile('ada', [page])).toThrow(Fault);
    expect(() => decodeProfile('ada', [page])).toThrow(/format 99/);
  });
});
