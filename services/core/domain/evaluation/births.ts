/** What a task knows of the births of series: by slot of the plan, the birth's number and since when it is complete (D4). */
export interface Births {
  readonly numbers: readonly number[];
  readonly bornAt: readonly number[];
}
