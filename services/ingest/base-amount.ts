/**
 * An amount in the currency of the workspace, minor units. Null where that would take a rate: none is known here, and none is
 * guessed. Nothing is nothing in every currency.
 */
export function baseAmountOf(amountMinor: number, currency: string, workspaceCurrency: string | undefined) {
  return currency === workspaceCurrency || amountMinor === 0 ? amountMinor : null;
}
