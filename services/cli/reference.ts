import { configurationPage } from '../platform/config/reference.ts';
import { metricsPage } from '../platform/telemetry/reference.ts';

/** Pages that are made from the code, by the file that holds them in `infra/docs`. */
export const REFERENCE_PAGES: Readonly<Record<string, () => string>> = {
  'configuration.md': configurationPage,
  'metrics.md': metricsPage,
};
