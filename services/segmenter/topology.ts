/** The segmenter as a topology: which topics, in which order, with which state. */
import { decodeProfile, dueOf, encodeProfile } from '../core/domain/profile/codec.ts';
import type { Customer } from '../core/domain/evaluation/customer.ts';
import type { StateCodec, TaskContext, Topology } from '../core/streams/processor.ts';
import type { DefinitionsFeed } from './definitions-feed.ts';
import { Segmenter, type Incoming, type SegmenterParts } from './processor.ts';

export interface SegmenterTopics {
  readonly interactions: string;
  readonly purchases: string;
  readonly surveys: string;
  readonly profiles: string;
  readonly identities: string;
  readonly changes: string;
  readonly memberships: string;
  readonly facts: string;
  readonly deadLetters: string;
  readonly changelog: string;
}

export const customerCodec: StateCodec<Customer> = {
  encode: ({ profile, due }) => encodeProfile(profile, due),
  remember: ({ standing, memory }) => standing?.remember() ?? memory,
  decode: (key, pages, memory) => ({
    profile: decodeProfile(key, pages),
    standing: undefined,
    memory,
    due: dueOf(pages[0]!),
  }),
  dueOf,
};

export function segmenterTopology(
  application: string,
  topics: SegmenterTopics,
  feed: DefinitionsFeed,
  parts: Omit<SegmenterParts, 'catalogue'>,
): Topology<Incoming, Customer> {
  return {
    application,
    inputs: [topics.interactions, topics.purchases, topics.surveys, topics.profiles, topics.identities],
    outputs: [topics.changes, topics.memberships, topics.facts, topics.deadLetters],
    changelog: topics.changelog,
    codec: customerCodec,
    feed,
    create: (context: TaskContext<Customer>) => new Segmenter({ ...parts, catalogue: feed.catalogue }, context),
  };
}
