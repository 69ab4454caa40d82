/** In the place of a definition with mistakes: something valid under the same names, so that who refers to it is not blamed. */

const HARMLESS = { trait: 'plan', known: true };

/** As authored; undefined for what has no name to stand under. */
export function standInFor(value: unknown): unknown {
  if (!isRecord(value)) return undefined;
  const { key, group, table } = value;
  if (typeof group === 'string') return groupFor(group, value);
  if (typeof table === 'string') return tableFor(table, value);
  return { key, name: 'stands in', enter: HARMLESS };
}

function groupFor(group: string, value: Readonly<Record<string, unknown>>): unknown {
  const named = isRecord(value['members']) ? Object.keys(value['members']) : [];
  const order: unknown = value['order'];
  const ordered = Array.isArray(order) ? order.filter((one) => typeof one === 'string') : [];
  const members = [...new Set([...ordered, ...named])];
  const fallback = members.find((member) => member === value['default']) ?? members.at(-1);
  const entries = members.map((member) => [member, member === fallback ? {} : { enter: HARMLESS }] as const);
  return { group, name: 'stands in', order: members, default: fallback, members: Object.fromEntries(entries) };
}

function tableFor(table: string, value: Readonly<Record<string, unknown>>): unknown {
  const percentiles = isRecord(value['cuts']) ? Object.keys(value['cuts']) : [];
  const ascending = percentiles.map(Number).filter(Number.isFinite);
  ascending.sort((a, b) => a - b);
  return {
    table,
    name: 'stands in',
    measure: 'stands in',
    cuts: Object.fromEntries(ascending.map((percentile) => [percentile, percentile])),
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
