import type { SegmenterListener } from '../../services/segmenter/listener.ts';

const nothing = (): void => undefined;

export const silentSegmenterListener: SegmenterListener = {
  applied: nothing,
  skipped: nothing,
  deadLetter: nothing,
  notActedOn: nothing,
  changed: nothing,
  idsForgotten: nothing,
};
