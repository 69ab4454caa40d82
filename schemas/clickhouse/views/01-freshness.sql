CREATE OR REPLACE VIEW {{database}}_v1.freshness {{onCluster}}
(
    topic String COMMENT 'Topic',
    partition UInt16 COMMENT 'Partition',
    position UInt64 COMMENT 'Every record below this offset is in',
    read_through DateTime64(3, 'UTC') COMMENT 'Every record appended before this instant is in',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The same for all topics and partitions together: what every view shows'
)
AS SELECT topic, partition, position, read_through, min(read_through) OVER () AS fresh_as_of
FROM {{database}}.ledger_positions FINAL
COMMENT 'How far the ledger has read, by partition';
