/** What the main thread and a thread that runs tasks say to each other. Plain data: it is copied from heap to heap. */
import { Fault, type FaultCode } from '../core/faults.ts';
import type { TaskGauges } from '../core/streams/listener.ts';
import type { Config } from '../platform/config/options.ts';
import type { MetricValues } from '../platform/telemetry/metrics.ts';
import { faultOf } from './fault-of.ts';

export interface ThreadOptions {
  readonly config: Config;
  readonly replayUntil: number | undefined;
}

export interface ToldFault {
  readonly code: FaultCode;
  readonly message: string;
  readonly facts: Fault['facts'];
  readonly mistakes: readonly string[];
  readonly next: string;
}

export type FromThread =
  | { readonly kind: 'started' }
  | { readonly kind: 'live'; readonly partition: number }
  | { readonly kind: 'gauges'; readonly gauges: ReadonlyMap<number, TaskGauges> }
  | { readonly kind: 'registry'; readonly condition: 'ok' | 'degraded' | 'failed'; readonly fault?: ToldFault }
  | { readonly kind: 'line'; readonly line: string }
  | { readonly kind: 'metrics'; readonly question: number; readonly values: MetricValues }
  | { readonly kind: 'failed'; readonly fault: ToldFault }
  | { readonly kind: 'stopped'; readonly drained: boolean };

export type ToThread =
  { readonly kind: 'metrics'; readonly question: number } | { readonly kind: 'stop'; readonly withinMs: number };

export function told(error: unknown): ToldFault {
  const { code, message, facts, mistakes, next } = faultOf(error);
  return { code, message, facts, mistakes, next };
}

export function heard({ code, message, ...said }: ToldFault): Fault {
  return new Fault(code, message, said);
}
