/** A history a person can read: definitions as JSON, then the steps. */
import type { History, Step } from './histories.ts';

export function inWords(history: History): string {
  const founding = history.founding.map((publication) => `  ${JSON.stringify(publication)}`);
  return [
    `seed ${history.seed}, ${history.mode}, ${history.zone}, from ${new Date(history.startMs).toISOString()}`,
    ...founding,
    ...history.steps.map((step) => `  ${stepInWords(step)}`),
  ].join('\n');
}

function stepInWords(step: Step): string {
  if (step.kind === 'pass') return `pass to ${new Date(step.to).toISOString()} (${step.to})`;
  if (step.kind !== 'record') return JSON.stringify(step);
  const { customerId, eventId, occurredAt, kind, ...rest } = step.event as unknown as Record<string, unknown>;
  const untold = ['source', 'receivedAt', 'actor', 'handledBy', 'visibility', 'currency', 'amountMinor', 'responseId'];
  const told = Object.entries(rest).filter(([name, value]) => !isEmpty(value) && !untold.includes(name));
  const fields = told.map(([name, value]) => `${name} ${JSON.stringify(bare(value))}`).join(', ');
  const when = `${new Date(Number(occurredAt)).toISOString()} (${String(occurredAt)})`;
  const head = `${step.damaged ? 'damaged ' : ''}${step.input} ${String(eventId)} of ${String(customerId)}`;
  return `${head} at ${when}: ${String(kind)}, ${fields}`;
}

function isEmpty(value: unknown): boolean {
  if (value === null) return true;
  return typeof value === 'object' && Object.values(value).every((part) => part === null);
}

/** Without the fields of a part that say nothing. */
function bare(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).filter(([, part]) => part !== null));
}
