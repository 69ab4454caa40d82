import type { Registry } from '../platform/registry/registry.ts';
import type { Wire } from './wire.ts';

/** The product's own records: framed Avro, facts that pass the event's bytes through, changes that say why. */
export function avroWire(registry: Registry): Wire {
  return {
    decodeEvent: (input, value) => registry.decodeEvent(input, value),
    factPrefix: (prefix) => registry.factPrefixView(prefix),
    factEvent: (input, value, event) => registry.eventBody(input, value, event),
    change: (change, explain) => registry.encodeView('change', { ...change, ...explain() }),
    membership: (membership) => registry.encodeView('membership', membership),
  };
}
