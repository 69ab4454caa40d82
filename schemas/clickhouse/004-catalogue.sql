-- The names behind the numbers, and how far each partition was read.
CREATE TABLE IF NOT EXISTS {{database}}.segments {{onCluster}}
(
    number UInt16 COMMENT 'Ordinal of the key''s first accepted record, never reused (D1)',
    version UInt32 COMMENT 'Version of the definition, from 1',
    segment String COMMENT 'Key',
    name String COMMENT 'Name',
    goal String COMMENT 'Why it exists',
    owner String COMMENT 'Who answers for it',
    retired Bool COMMENT 'Whether this version took it out of use',
    published_at DateTime64(3, 'UTC') COMMENT 'When it was published',
    effective_from DateTime64(3, 'UTC') COMMENT 'When the record came into force',
    definition String COMMENT 'The rule, canonical JSON; empty when retired' CODEC(ZSTD(1)),
    src_partition UInt16 COMMENT 'Partition of the record',
    src_offset UInt64 COMMENT 'Offset in segments.definitions.v1'
)
ENGINE = {{replacing src_offset}}
ORDER BY (number, version)
SETTINGS {{durable}}
COMMENT 'Private. One row per version of a segment';

CREATE TABLE IF NOT EXISTS {{database}}.ledger_positions {{onCluster}}
(
    topic LowCardinality(String) COMMENT 'Topic',
    partition UInt16 COMMENT 'Partition',
    position UInt64 COMMENT 'Every record below this offset is in',
    read_through DateTime64(3, 'UTC') COMMENT 'Every record appended before this instant is in',
    version UInt64 COMMENT 'Rises with each row of a partition'
)
ENGINE = {{replacing version}}
ORDER BY (topic, partition)
SETTINGS {{durable}}
COMMENT 'Private. How far the ledger has read';
