/** What a person who sees the demo has to know about it, for the screen and the README. */
import { CALLER_INCIDENTS_MAX, PREFERENCE_KNOWN_SHARE, SURVEY_DAYS, VULNERABLE_SHARE } from './assignment.ts';
import type { DemoCounts } from './history.ts';

export const DEMO_SHORT =
  'Three real public data sets, joined by chance: figures within one set are real, figures across them are no finding.';

/** One paragraph each. */
export function demoAbout(counts: DemoCounts): readonly string[] {
  const { events, customers } = counts;
  const n = (count: number): string => count.toLocaleString('en-GB');
  return [
    `No public data set holds contacts, purchases and surveys of the same people. This demo joins three real ones: ` +
      `${n(events.purchases)} orders and refunds of ${n(customers)} customers of a UK gift shop (Online Retail, UCI), ` +
      `${n(events.interactions)} steps of an IT support desk (ServiceNow, UCI), and ${n(events.surveys)} answers to ` +
      `the passenger surveys of San Francisco airport.`,
    `Who is who is drawn from a seed: each caller of the desk is one customer of the shop, and each survey answer ` +
      `belongs to a customer and to a moment of the last ${SURVEY_DAYS} days. Figures across the sets are therefore ` +
      `no finding about anybody.`,
    `Shop and desk are each moved as a whole so that they end now. ${n(counts.stillAhead)} steps of the desk behind ` +
      `its last new issue have not happened yet, so some issues are open. ${counts.sharedAccounts} callers with more ` +
      `than ${CALLER_INCIDENTS_MAX} issues are accounts that many people use and are left out ` +
      `(${n(counts.sharedAccountEvents)} steps).`,
    `Invented, from the same seed: the channel of each issue (the desk logged nearly all as phone calls), the plan ` +
      `(basic, advanced, premium), the preferred channel of ${percent(PREFERENCE_KNOWN_SHARE)} and vulnerability of ` +
      `${percent(VULNERABLE_SHARE)} of the customers. Everything live, after the history, comes from a simulator.`,
    `The demo declares these histories to be whole: nothing came before them, and nothing is missing in them.`,
  ];
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
