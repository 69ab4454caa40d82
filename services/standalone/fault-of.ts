import { Fault } from '../core/faults.ts';

/** Any error as a fault, for those who report conditions. */
export function faultOf(error: unknown): Fault {
  return error instanceof Fault
    ? error
    : new Fault('PROCESSING_FAILED', error instanceof Error ? error.message : String(error), { cause: error });
}
