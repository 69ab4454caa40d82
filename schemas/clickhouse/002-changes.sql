-- The change log as published, and the stays it makes. An exit carries the instant of its entry, so a stay is closed by
-- writing the same key again, without reading.
CREATE TABLE IF NOT EXISTS {{database}}.changes {{onCluster}}
(
    src_partition UInt16 COMMENT 'Partition of the change in segments.changes.v1',
    src_offset UInt64 COMMENT 'Offset of the change' CODEC(Delta, ZSTD(1)),
    customer_id String COMMENT 'Root id of the customer (pseudonym)' CODEC(ZSTD(1)),
    customer_key UInt64 MATERIALIZED sipHash64(customer_id) COMMENT 'Hash of customer_id, for counting',
    life UInt32 COMMENT 'Life of the customer, rises with each erasure',
    seq UInt64 COMMENT 'Number of the change in this life, from 1, without gaps' CODEC(ZSTD(1)),
    ordinal UInt16 COMMENT 'Place among the changes of one evaluation, from 0',
    of UInt16 COMMENT 'Changes of that evaluation',
    number UInt16 COMMENT 'Number of the segment (D1)',
    segment String COMMENT 'Key of the segment or group',
    version UInt32 COMMENT 'Version of the definition',
    kind Enum8('entered' = 1, 'exited' = 2, 'moved' = 3) COMMENT 'What happened',
    member_from String COMMENT 'Group member left, for moved',
    member_to String COMMENT 'Group member entered, for moved',
    effective_at DateTime64(3, 'UTC') COMMENT 'The customer''s own now (T2)' CODEC(Delta, ZSTD(1)),
    decided_at DateTime64(3, 'UTC') COMMENT 'Task clock (T6)' CODEC(Delta, ZSTD(1)),
    entered_at Nullable(DateTime64(3, 'UTC')) COMMENT 'When the stay that ends here began',
    cause Enum8('event' = 1, 'timer' = 2, 'late' = 3, 'definition' = 4, 'merge' = 5, 'unmerge' = 6, 'backfill' = 7, 'manual' = 8, 'score' = 9, 'erasure' = 10) COMMENT 'Why it happened now',
    cause_id String COMMENT 'Event id or definition key' CODEC(ZSTD(1)),
    cause_topic String COMMENT 'Topic of the causing record',
    cause_offset Nullable(UInt64) COMMENT 'Offset of the causing record, in the same partition number',
    rules_offset Int64 COMMENT 'Definitions in force' CODEC(ZSTD(1)),
    segments Array(UInt16) COMMENT 'The full set after all changes of the evaluation' CODEC(ZSTD(1)),
    reason String COMMENT 'Explanation in words' CODEC(ZSTD(1)),
    INDEX by_offset src_offset TYPE minmax GRANULARITY 4
)
ENGINE = {{replacing}}
PARTITION BY toYYYYMM(effective_at)
ORDER BY (number, effective_at, src_partition, src_offset)
SETTINGS {{durable}}
COMMENT 'Private. One row per change of membership, as published';

CREATE TABLE IF NOT EXISTS {{database}}.memberships {{onCluster}}
(
    number UInt16 COMMENT 'Number of the segment (D1)',
    customer_id String COMMENT 'Root id of the customer (pseudonym)' CODEC(ZSTD(1)),
    customer_key UInt64 MATERIALIZED sipHash64(customer_id) COMMENT 'Hash of customer_id, for counting',
    life UInt32 COMMENT 'Life of the customer',
    entered_at DateTime64(3, 'UTC') COMMENT 'When the stay began' CODEC(Delta, ZSTD(1)),
    exited_at DateTime64(3, 'UTC') COMMENT 'When it ended; the end of 2299 while it lasts' CODEC(Delta, ZSTD(1)),
    segment String COMMENT 'Key of the segment',
    seq UInt64 COMMENT 'Number of the change that wrote the row: an exit replaces its entry',
    src_partition UInt16 COMMENT 'Partition of that change',
    src_offset UInt64 COMMENT 'Offset of that change' CODEC(Delta, ZSTD(1)),
    INDEX by_offset src_offset TYPE minmax GRANULARITY 4
)
ENGINE = {{replacing seq}}
ORDER BY (number, customer_id, life, entered_at)
SETTINGS {{durable}}
COMMENT 'Private. One row per stay of a customer in a segment';
