/** A batch made ready for the wire: packed, numbered for its producer, sealed. */
import { LAYOUT, setInt64 } from '../../core/streams/record-batch.ts';
import { sealBatch } from '../record-batch/seal.ts';

export interface ProducerIdentity {
  readonly id: number;
  readonly epoch: number;
}

/** Sequence numbers are 31 bits wide and go on from 0 behind the largest. */
const SEQUENCE_MASK = 0x7fff_ffff;

/** How many numbers of the sequence a batch takes: one for each of its records. */
export function sequenceSpan(batch: Uint8Array): number {
  return viewOf(batch).getInt32(LAYOUT.lastOffsetDelta) + 1;
}

export function nextSequence(sequence: number, span: number): number {
  return (sequence + span) & SEQUENCE_MASK;
}

/** Writes producer, sequence and checksum in place. May be done again for another producer. */
export function stampBatch(batch: Uint8Array, by: ProducerIdentity, sequence: number, transactional: boolean): void {
  const view = viewOf(batch);
  view.setInt32(LAYOUT.baseSequence, sequence);
  setInt64(view, LAYOUT.producerId, by.id);
  view.setInt16(LAYOUT.producerEpoch, by.epoch);
  sealBatch(batch, { baseOffset: 0, appendTime: null, producer: transactional ? by : undefined });
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}
