/**
 * Half-open windows (T7): at an instant `at` a sliding window W covers (at − W, at]. An event at s counts from s on and
 * stops counting at exactly s + W.
 */
export type Window = { readonly kind: 'sliding'; readonly ms: number } | { readonly kind: 'lifetime' };

/** The exclusive lower edge of the window at an instant; −Infinity for a lifetime. */
export function windowStart(window: Window, at: number): number {
  return window.kind === 'sliding' ? at - window.ms : -Infinity;
}
