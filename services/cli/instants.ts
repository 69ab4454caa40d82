/** Instants as commands write them, in UTC. */

/** `2026-03-01 12:00:00Z`, with milliseconds where there are some; `never` for what is not finite. */
export function instant(ms: number): string {
  if (!Number.isFinite(ms)) return 'never';
  return new Date(ms)
    .toISOString()
    .replace('T', ' ')
    .replace(/\.000Z$/, 'Z');
}

/** `2026-03-01`. */
export function day(ms: number): string {
  return Number.isFinite(ms) ? new Date(ms).toISOString().slice(0, 10) : 'today';
}
