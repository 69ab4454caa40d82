/** `segments members`: who is in a segment, a group or one member of it, and since when. */
import { topicNames } from '../../platform/topics/topic-plan.ts';
import { withLog } from '../open-log.ts';
import type { CliContext } from '../verb.ts';
import { inCatalogue, rulesIn } from './look-up.ts';
import { membersOf, readMemberships } from './members.ts';
import { readPublished } from './published.ts';

/** Throws NOT_FOUND with the nearest key. */
export async function listMembers(context: CliContext, key: string, limit: number | undefined): Promise<void> {
  await withLog(context, { owner: false }, async ({ log, config }) => {
    const { catalogue, registry } = await readPublished(log, config);
    const keys = rulesIn(inCatalogue(catalogue, key)).map((rule) => rule.key);
    const memberships = await readMemberships(log, topicNames(config.topics).memberships, registry, context.signal);
    const found = membersOf(memberships, keys);
    const isGroup = keys.length > 1;
    context.output.table(
      [
        { title: 'CUSTOMER', cell: ({ customerId }) => customerId, elastic: true },
        ...(isGroup ? [{ title: 'MEMBER', cell: ({ segment }: { segment: string }) => segment }] : []),
        { title: 'SINCE', cell: ({ enteredAt }) => new Date(enteredAt).toISOString() },
        { title: 'AS OF', cell: ({ asOf }) => new Date(asOf).toISOString() },
      ],
      found.slice(0, limit ?? found.length),
    );
    context.output.talk(`${found.length} of ${memberships.size} customers are in ${key}.`);
  });
}
