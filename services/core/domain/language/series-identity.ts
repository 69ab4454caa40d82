/**
 * Which series a measure is a view over (S1). Two measures with one identity share one series, whatever their windows,
 * thresholds and definitions; the identity is what a task numbers when a series is born (D4).
 */
import type { Condition, EventFilter, Measure } from './ast.ts';

export type Shape =
  /** Tiles of counts, with a projected number where one is read (count, sum, average, min, max). */
  | { readonly shape: 'tiles'; readonly field: string | null; readonly scale: number }
  /** The newest entries, for order-dependent functions; `numbered`: only events that have the number. */
  | { readonly shape: 'tape'; readonly field: string | null; readonly scale: number; readonly numbered: boolean }
  /** The newest instant of each value of a field (count distinct). */
  | { readonly shape: 'latest'; readonly field: string };

export interface SeriesIdentity {
  readonly filter: EventFilter;
  readonly shape: Shape;
  /** The canonical text of both: equal texts are one series. */
  readonly text: string;
}

export function seriesOf(source: Measure | Extract<Condition, { kind: 'none' }>): SeriesIdentity {
  const shape = shapeOf(source);
  return { filter: source.filter, shape, text: JSON.stringify([source.filter.events, source.filter.where, shape]) };
}

function shapeOf(source: Measure | Extract<Condition, { kind: 'none' }>): Shape {
  switch (source.kind) {
    case 'count':
      return { shape: 'tiles', field: null, scale: 1 };
    case 'sum':
    case 'average':
    case 'min':
    case 'max':
      return { shape: 'tiles', field: source.of.field, scale: source.of.scale };
    case 'countDistinct':
      return { shape: 'latest', field: source.field };
    case 'last':
      return { shape: 'tape', field: source.of.field, scale: source.of.scale, numbered: false };
    case 'averageLast':
      return { shape: 'tape', field: source.of.field, scale: source.of.scale, numbered: true };
    case 'timeSinceLast':
    case 'none':
      return { shape: 'tape', field: null, scale: 1, numbered: false };
  }
}

/** The texts of all series a condition rests on, each once. */
export function seriesIn(condition: Condition): string[] {
  switch (condition.kind) {
    case 'compare':
      return [seriesOf(condition.measure).text];
    case 'none':
      return [seriesOf(condition).text];
    case 'all':
    case 'any':
      return [...new Set(condition.of.flatMap(seriesIn))];
    case 'not':
      return seriesIn(condition.of);
    case 'trait':
    case 'segment':
      return [];
  }
}
