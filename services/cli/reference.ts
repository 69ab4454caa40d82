import { configurationPage } from '../platform/config/reference.ts';
import { metricsPage } from '../platform/telemetry/reference.ts';

/** Pages that are made from the code, by the name of their file in `infra/docs`. */
export const REFERENCE_PAGES = {
  configuration: configurationPage,
  metrics: metricsPage,
} as const satisfies Readonly<Record<string, () => string>>;
