/**
 * Compiles schemas with avsc. Its generated readers and writers run on our `Cursor`; maps and arrays are replaced by the cursor's,
 * which withstand hostile counts and names. The methods with an underscore are avsc's inner interface, hence its exact version.
 */
import avsc from 'avsc';
import type { Cursor } from './cursor.ts';

/** What avsc calls a type or a resolver, as far as we use it. */
export interface Reader {
  _read(cursor: Cursor): unknown;
}

export interface AvroType extends Reader {
  _write(cursor: Cursor, value: unknown): void;
  _skip(cursor: Cursor): void;
  createResolver(writer: AvroType): Reader;
}

interface MapSelf {
  readonly valuesType: AvroType;
}
interface ArraySelf {
  readonly itemsType: AvroType;
}

// avsc's classes are old-style functions without types; `self` is a type, or a resolver made from one.
type TypeClass = new (schema: unknown, options: unknown) => AvroType;
const { MapType, ArrayType } = (avsc as unknown as { types: { MapType: TypeClass; ArrayType: TypeClass } }).types;

class PlainMapType extends MapType {
  override _read(cursor: Cursor): unknown {
    const { valuesType } = this as unknown as MapSelf;
    return cursor.readEntries(() => valuesType._read(cursor));
  }

  override _skip(cursor: Cursor): void {
    const { valuesType } = this as unknown as MapSelf;
    for (let count = cursor.readBlockCount(); count > 0; count = cursor.readBlockCount()) {
      for (; count > 0; count -= 1) {
        cursor.skipString();
        valuesType._skip(cursor);
      }
    }
  }
}

class PlainArrayType extends ArrayType {
  override _read(cursor: Cursor): unknown {
    const { itemsType } = this as unknown as ArraySelf;
    return cursor.readItems(() => itemsType._read(cursor));
  }

  override _skip(cursor: Cursor): void {
    const { itemsType } = this as unknown as ArraySelf;
    for (let count = cursor.readBlockCount(); count > 0; count = cursor.readBlockCount()) {
      for (; count > 0; count -= 1) itemsType._skip(cursor);
    }
  }
}

/** Compiles a self-contained schema. Throws avsc's own error for a schema that is none. */
export function compile(schema: unknown): AvroType {
  const options = {
    omitRecordMethods: true,
    typeHook: (part: unknown, opts: unknown) => {
      if (typeof part !== 'object' || part === null || !('type' in part)) return undefined;
      if (part.type === 'map') return new PlainMapType(part, opts);
      return part.type === 'array' ? new PlainArrayType(part, opts) : undefined;
    },
  };
  return avsc.Type.forSchema(
    schema as Parameters<typeof avsc.Type.forSchema>[0],
    options as unknown as Parameters<typeof avsc.Type.forSchema>[1],
  ) as unknown as AvroType;
}
