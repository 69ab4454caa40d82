/** The three real sets in `infra/demo`, read through their mappings as any import would be. */
import { packagePath } from '../../platform/config/package-root.ts';
import type { ImportCounts } from '../import/counts.ts';
import { sortedFile } from '../import/map-file.ts';
import type { MappedEvent } from '../import/event-plan.ts';
import { readMapping } from '../import/read-mapping.ts';

export interface RealSet {
  readonly name: string;
  /** In time order. */
  readonly events: readonly MappedEvent[];
  readonly counts: ImportCounts;
}

export const REAL_SETS = {
  shop: ['online-retail'],
  desk: ['servicenow-incidents'],
  surveys: ['sfo-survey-2015', 'sfo-survey-2016', 'sfo-survey-2017'],
} as const;

/** Amounts of the shop are in pounds, and so are all figures of the demo. */
export const DEMO_CURRENCY = 'GBP';

/** Throws what an import would; a reject is a fault of ours here, because the files are ours. */
export async function readRealSet(name: string): Promise<RealSet> {
  const sorted = await sortedFile({
    file: packagePath('infra', 'demo', 'data', `${name}.csv.gz`),
    mapping: readMapping(packagePath('infra', 'demo', 'mappings', `${name}.yaml`)),
    fileId: name,
    baseCurrency: DEMO_CURRENCY,
    reject: ({ row, column, reason }) => {
      throw new Error(`Invariant broken: row ${row} of ${name} is refused (${column}: ${reason})`);
    },
  });
  try {
    return { name, events: [...sorted.events], counts: sorted.counts };
  } finally {
    await sorted.close();
  }
}
