/** The frame around every value, as Confluent's serialisers write it: byte 0, the schema's id (four bytes, big-endian), Avro. */
import { Fault } from '../../core/faults.ts';

export const FRAME_BYTES = 5;
const MAGIC = 0;

/** The id of the schema a value was written with. Throws RECORD_UNDECODABLE for what is not framed. */
export function schemaIdOf(value: Uint8Array): number {
  if (value.length < FRAME_BYTES) {
    throw new Fault('RECORD_UNDECODABLE', `The value has ${value.length} bytes, too few for a schema id`);
  }
  if (value[0] !== MAGIC) {
    throw new Fault('RECORD_UNDECODABLE', `The value begins with byte ${value[0]!}, not with 0 as framed Avro does`);
  }
  return (value[1]! << 24) | (value[2]! << 16) | (value[3]! << 8) | value[4]!;
}

/** As `schemaIdOf`, but undefined for what is not framed. */
export function framedId(value: Uint8Array): number | undefined {
  return value.length < FRAME_BYTES || value[0] !== MAGIC ? undefined : schemaIdOf(value);
}

/** Writes the frame at the beginning of a buffer that has room for it. */
export function writeFrame(into: Uint8Array, schemaId: number): void {
  into[0] = MAGIC;
  into[1] = schemaId >>> 24;
  into[2] = schemaId >>> 16;
  into[3] = schemaId >>> 8;
  into[4] = schemaId;
}
