import type { LoadedConfig } from '../../platform/config/load.ts';
import type { Installation } from './installation.ts';

/** What one check found. `fix` is what a person does about it; every warning and failure has one. */
export type Finding =
  | { readonly level: 'ok'; readonly message: string }
  | { readonly level: 'warn' | 'fail'; readonly message: string; readonly fix: string };

export interface CheckContext {
  readonly settings: LoadedConfig;
  readonly installation: Installation;
  readonly signal: AbortSignal;
}

/**
 * One thing that `doctor` looks at. It changes nothing that matters, ends by itself within seconds, and answers `fail` only
 * for what keeps the product from working; a throw counts as `fail`. A new one: its file, and its place in `checks.ts`.
 */
export interface Check {
  readonly name: string;
  /** On Kafka it is said to be left out where the log cannot be opened; another check says why. */
  readonly needsLog?: true;
  /** Nothing found is nothing to look at: the check does not apply yet. */
  run(context: CheckContext): Promise<Finding | readonly Finding[]>;
}
