-- What happens within issues, by issue: narrow rows of the facts, so that the issues a batch touched are recomputed
-- without reading all facts; and one row per issue.
CREATE TABLE IF NOT EXISTS {{database}}.issue_facts {{onCluster}}
(
    src_partition UInt16 COMMENT 'Partition of the fact in customer.facts.v1',
    src_offset UInt64 COMMENT 'Offset of the fact' CODEC(Delta, ZSTD(1)),
    customer_id String COMMENT 'Root id of the customer (pseudonym)' CODEC(ZSTD(1)),
    customer_key UInt64 MATERIALIZED sipHash64(customer_id) COMMENT 'Hash of customer_id',
    issue_id String COMMENT 'Ticket, case or incident' CODEC(ZSTD(1)),
    instant DateTime64(3, 'UTC') COMMENT 'When it happened' CODEC(Delta, ZSTD(1)),
    kind LowCardinality(String) COMMENT 'Kind of the interaction',
    channel LowCardinality(String) COMMENT 'Channel',
    inbound Bool COMMENT 'Direction is inbound',
    by_customer Bool COMMENT 'Inbound, or the actor is the customer',
    answer Bool COMMENT 'A public ticket_answered by an agent',
    category String COMMENT 'Contact reason',
    product_id String COMMENT 'Product it is about',
    ticket_type String COMMENT 'question, incident, problem, task, request, complaint',
    first_reply_ms Nullable(Int64) COMMENT 'First reply as reported, calendar clock, ms',
    resolution_ms Nullable(Int64) COMMENT 'Resolution as reported, calendar clock, ms',
    sla_metric String COMMENT 'first_reply, next_reply, resolution',
    sla_met Nullable(Bool) COMMENT 'Whether the target was met',
    cost_base_minor Nullable(Int64) COMMENT 'Cost of the contact, minor units of the workspace currency',
    segments Array(UInt16) COMMENT 'Segments held after the event (letter A); filled for events that can open an issue' CODEC(ZSTD(1))
)
ENGINE = {{replacing}}
ORDER BY (customer_key, issue_id, instant, src_partition, src_offset)
SETTINGS {{durable}}
COMMENT 'Private. The interactions that belong to an issue';

CREATE TABLE IF NOT EXISTS {{database}}.issues {{onCluster}}
(
    customer_id String COMMENT 'Root id of the customer (pseudonym)' CODEC(ZSTD(1)),
    customer_key UInt64 MATERIALIZED sipHash64(customer_id) COMMENT 'Hash of customer_id',
    issue_id String COMMENT 'Ticket, case or incident' CODEC(ZSTD(1)),
    opened_at DateTime64(3, 'UTC') COMMENT 'First ticket_opened or inbound contact' CODEC(Delta, ZSTD(1)),
    opened_channel LowCardinality(String) COMMENT 'Channel of the opening',
    opened_by_customer Bool COMMENT 'Whether the customer opened it',
    segments Array(UInt16) COMMENT 'Segments held after the opening event (letter O)' CODEC(ZSTD(1)),
    category String COMMENT 'First category known',
    product_id String COMMENT 'First product known',
    ticket_type String COMMENT 'First type known',
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
    reported_first_reply_ms Nullable(Int64) COMMENT 'First reply as the source last reported it, calendar clock, ms',
    reported_resolution_ms Nullable(Int64) COMMENT 'Resolution as the source last reported it, calendar clock, ms',
    cost_base_minor Nullable(Int64) COMMENT 'Known cost of its contacts, minor units of the workspace currency',
    version UInt64 COMMENT 'Largest offset of its facts'
)
ENGINE = {{replacing version}}
ORDER BY (customer_key, issue_id)
SETTINGS {{durable}}
COMMENT 'Private. One row per issue, recomputed from its facts whenever one comes';
