CREATE OR REPLACE VIEW {{database}}_v1.membership {{onCluster}}
(
    number UInt16 COMMENT 'Number of the segment, or of the member of a group',
    segment String COMMENT 'Key of the segment; of a member of a group GROUP/MEMBER',
    customer_id String COMMENT 'Root id of the customer (pseudonym)',
    life UInt32 COMMENT 'Life of the customer, rises with each erasure',
    entered_at DateTime64(3, 'UTC') COMMENT 'When the stay began',
    exited_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When it ended; null while it lasts',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    number, segment, customer_id, life, entered_at,
    nullIf(exited_at, toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC')) AS exited_at,
    {{fresh}} AS fresh_as_of
FROM {{database}}.memberships FINAL
COMMENT 'Stays of customers in segments';

CREATE OR REPLACE VIEW {{database}}_v1.changes {{onCluster}}
(
    customer_id String COMMENT 'Root id of the customer (pseudonym)',
    life UInt32 COMMENT 'Life of the customer, rises with each erasure',
    seq UInt64 COMMENT 'Number of the change in this life, from 1, without gaps',
    number UInt16 COMMENT 'Number of the segment',
    segment String COMMENT 'Key of the segment; of a member of a group GROUP/MEMBER, for moved the one entered',
    version UInt32 COMMENT 'Version of the definition',
    kind String COMMENT 'entered, exited, moved',
    group_key String COMMENT 'Key of the group, for a member of one',
    member_from String COMMENT 'Group member left, for moved; empty where there was none',
    member_to String COMMENT 'Group member entered, for moved',
    number_from UInt16 COMMENT 'Number of the member left, for moved; 0 where there was none',
    effective_at DateTime64(3, 'UTC') COMMENT 'From when on it holds, in the customer''s own time',
    decided_at DateTime64(3, 'UTC') COMMENT 'When it was decided',
    entered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the stay that ends here began',
    cause String COMMENT 'Why it happened then: event, timer, late, definition, backfill, …',
    cause_id String COMMENT 'Event id or definition key',
    segments Array(UInt16) COMMENT 'The full set of segments after it',
    reason String COMMENT 'Explanation in words',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    customer_id, life, seq, number, segment, version, toString(kind) AS kind, group_key, member_from, member_to, number_from,
    effective_at, decided_at, entered_at, toString(cause) AS cause, cause_id, segments, reason,
    {{fresh}} AS fresh_as_of
FROM {{database}}.changes FINAL
COMMENT 'Every change of membership, as published';

CREATE OR REPLACE VIEW {{database}}_v1.facts {{onCluster}}
(
    input String COMMENT 'Which input the event came by: interactions, purchases, surveys, profiles, identities',
    kind String COMMENT 'Kind of the event',
    customer_id String COMMENT 'Root id of the customer (pseudonym)',
    instant DateTime64(3, 'UTC') COMMENT 'When it happened',
    received_at DateTime64(3, 'UTC') COMMENT 'Arrival at ingest',
    decided_at DateTime64(3, 'UTC') COMMENT 'When it was applied',
    segments Array(UInt16) COMMENT 'Segments held just before the event',
    segments_after Array(UInt16) COMMENT 'Segments held just after it',
    late Bool COMMENT 'Came after a later event of the customer',
    too_late Bool COMMENT 'Beyond the limit of lateness: in no segment''s count',
    history Bool COMMENT 'Imported history',
    event_id String COMMENT 'Id of the event at its source',
    source String COMMENT 'Connected system that sent it',
    channel String COMMENT 'Channel; empty where the input has none',
    platform String COMMENT 'Platform of the channel',
    direction String COMMENT 'none, inbound, outbound',
    actor String COMMENT 'customer, agent, bot, system',
    handled_by String COMMENT 'none, agent, bot, self_service',
    visibility String COMMENT 'public, private',
    issue_id String COMMENT 'Ticket, case or incident',
    conversation_id String COMMENT 'Contact',
    category String COMMENT 'Contact reason',
    subcategory String COMMENT 'Finer contact reason',
    product_id String COMMENT 'Product it is about',
    feature_id String COMMENT 'Feature it is about',
    campaign_id String COMMENT 'Campaign it belongs to',
    sentiment Nullable(Float64) COMMENT 'Sentiment of the customer''s words, -1 to 1',
    duration_ms Nullable(Int64) COMMENT 'Duration of session, page or call, ms',
    queue String COMMENT 'Queue of the contact',
    team String COMMENT 'Team of the contact',
    wait_ms Nullable(Int64) COMMENT 'Wait of a live contact, ms',
    handle_ms Nullable(Int64) COMMENT 'Talk, hold and after-contact work, ms',
    priority String COMMENT 'low, normal, high, urgent',
    order_id String COMMENT 'Order',
    amount_minor Int64 COMMENT 'Signed amount in minor units of currency, net of tax and shipping',
    currency String COMMENT 'ISO 4217',
    amount_base_minor Nullable(Int64) COMMENT 'Amount in minor units of the workspace currency; null without a rate of the day',
    sale_type String COMMENT 'new, repeat, renewal, upsell, cross_sell, winback',
    product_ids Array(String) COMMENT 'Distinct products of an order',
    categories Array(String) COMMENT 'Distinct product categories of an order',
    survey_status String COMMENT 'offered, answered, declined, expired',
    survey_id String COMMENT 'Survey',
    question_id String COMMENT 'Question',
    response_id String COMMENT 'Invitation: joins offer and answers',
    score Nullable(Float64) COMMENT 'Rescaled score: CSAT 1-5, CES 1-7 (high = easy), NPS 0-10; null = no score',
    score_positive Nullable(Bool) COMMENT 'CSAT positive, CES easy, on the original scale; null = no score or another kind',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    toString(input) AS input, kind, customer_id, instant, received_at, decided_at, segments,
    arraySort(arrayFilter(number -> NOT has(exited, number), arrayDistinct(arrayConcat(segments, entered)))) AS segments_after,
    late, too_late, history, event_id, source, channel, platform, direction, actor, handled_by, visibility, issue_id, conversation_id,
    category, subcategory, product_id, feature_id, campaign_id, sentiment_milli / 1000 AS sentiment, duration_ms, queue, team, wait_ms,
    handle_ms, priority, order_id, amount_minor, currency, amount_base_minor, sale_type, product_ids, categories, survey_status,
    survey_id, question_id, response_id, score_milli / 1000 AS score, score_positive,
    {{fresh}} AS fresh_as_of
FROM {{database}}.facts FINAL
COMMENT 'Every applied event, stamped with the segments the customer was in when it happened';

CREATE OR REPLACE VIEW {{database}}_v1.issues {{onCluster}}
(
    issue_id String COMMENT 'Ticket, case or incident',
    customer_id String COMMENT 'Root id of the customer (pseudonym)',
    opened_at DateTime64(3, 'UTC') COMMENT 'First ticket_opened or inbound contact',
    opened_channel String COMMENT 'Channel of the opening',
    opened_by_customer Bool COMMENT 'Whether the customer opened it',
    segments Array(UInt16) COMMENT 'Segments held after the opening event',
    category String COMMENT 'First category known',
    product_id String COMMENT 'First product known',
    ticket_type String COMMENT 'First type known: question, incident, complaint, …',
    first_answered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First public answer of an agent',
    first_resolved_at Nullable(DateTime64(3, 'UTC')) COMMENT 'First resolution',
    last_resolved_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last resolution',
    last_reopened_at Nullable(DateTime64(3, 'UTC')) COMMENT 'Last reopening',
    is_open Bool COMMENT 'Opened or reopened and not resolved since',
    reopened UInt32 COMMENT 'How often it was reopened',
    answers UInt32 COMMENT 'Public answers of agents',
    contacts UInt32 COMMENT 'Inbound contacts',
    channels Array(String) COMMENT 'Distinct channels of the inbound contacts',
    escalations UInt32 COMMENT 'Escalations',
    sla_first_reply_met Nullable(Bool) COMMENT 'Whether the target of the first reply was met, as last reported',
    sla_resolution_met Nullable(Bool) COMMENT 'Whether the target of the resolution was met, as last reported',
    first_response_s Nullable(Float64) COMMENT 'First answer less opening, s; as reported where the events are missing; null for live channels, and for issues the customer did not open',
    resolution_s Nullable(Float64) COMMENT 'First resolution less opening, s; as reported where the events are missing',
    cost_base_minor Nullable(Int64) COMMENT 'Known cost of its contacts, minor units of the workspace currency',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    issue_id, customer_id, opened_at, opened_channel, opened_by_customer, segments, category, product_id, ticket_type,
    first_answered_at, first_resolved_at, last_resolved_at, last_reopened_at, is_open, reopened, answers, contacts, channels,
    escalations, sla_first_reply_met, sla_resolution_met,
    if(
        opened_by_customer AND opened_channel NOT IN ('phone', 'chat', 'video', 'in_person'),
        coalesce(dateDiff('millisecond', opened_at, first_answered_at), reported_first_reply_ms) / 1000,
        NULL
    ) AS first_response_s,
    coalesce(dateDiff('millisecond', opened_at, first_resolved_at), reported_resolution_ms) / 1000 AS resolution_s,
    cost_base_minor,
    {{fresh}} AS fresh_as_of
FROM {{database}}.issues FINAL
COMMENT 'Every issue: opened, answered, resolved, reopened, with the segments the customer was in when it was opened';
