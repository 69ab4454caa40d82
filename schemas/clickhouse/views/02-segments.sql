CREATE OR REPLACE VIEW {{database}}_v1.segments {{onCluster}}
(
    number UInt16 COMMENT 'Number of the segment, never reused; what arrays of segments hold',
    segment String COMMENT 'Key of the segment',
    name String COMMENT 'Name',
    goal String COMMENT 'Why it exists',
    owner String COMMENT 'Who answers for it',
    version UInt32 COMMENT 'Newest version of the definition',
    retired Bool COMMENT 'Whether it is out of use',
    published_at DateTime64(3, 'UTC') COMMENT 'When the newest version was published',
    effective_from DateTime64(3, 'UTC') COMMENT 'When the newest record of it came into force',
    definition String COMMENT 'The rule, canonical JSON; empty when retired',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    number, segment, name, goal, owner, version, retired, published_at, effective_from, definition,
    {{fresh}} AS fresh_as_of
FROM {{database}}.segments FINAL
ORDER BY number, version DESC
LIMIT 1 BY number
COMMENT 'Segments by number, as last published';

CREATE OR REPLACE VIEW {{database}}_v1.segment_sizes {{onCluster}}
(
    number UInt16 COMMENT 'Number of the segment',
    segment String COMMENT 'Key of the segment',
    name String COMMENT 'Name',
    members UInt64 COMMENT 'Customers in it now',
    customers UInt64 COMMENT 'Customers known',
    share Nullable(Float64) COMMENT 'Members in percent of the customers known; null without customers',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    number,
    segment,
    name,
    ifNull(held.members, 0) AS members,
    ifNull((SELECT uniqExact(customer_id) FROM {{database}}.facts), 0) AS customers,
    if(customers = 0, NULL, 100 * members / customers) AS share,
    fresh_as_of
FROM {{database}}_v1.segments AS known
LEFT JOIN
(
    SELECT number, count() AS members
    FROM {{database}}.memberships FINAL
    WHERE exited_at = '2299-12-31 23:59:59.999'
    GROUP BY number
) AS held USING (number)
WHERE NOT retired OR members > 0
ORDER BY number
COMMENT 'How many customers are in each segment now';

CREATE OR REPLACE VIEW {{database}}_v1.segment_size_daily {{onCluster}}
(
    day Date COMMENT 'Day in the zone of the workspace',
    number UInt16 COMMENT 'Number of the segment',
    segment String COMMENT 'Key of the segment',
    members Int64 COMMENT 'Customers in it at the end of the day, for today: now',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS WITH
    {{fresh}} AS fresh,
    ifNull((SELECT toDate(min(effective_at), {{zone}}) FROM {{database}}.changes), toDate(0)) AS first_day,
    ifNull((SELECT toDate(max(effective_at), {{zone}}) FROM {{database}}.changes), toDate(0)) AS last_change_day,
    greatest(last_change_day, toDate(fresh, {{zone}})) AS last_day
SELECT
    day,
    number,
    segment,
    sum(ifNull(flow.delta, 0)) OVER (PARTITION BY number ORDER BY day) AS members,
    fresh AS fresh_as_of
FROM
(
    SELECT number, segment, arrayJoin(arrayMap(ahead -> first_day + ahead, range(toUInt32(last_day - first_day + 1)))) AS day
    FROM {{database}}_v1.segments
    WHERE first_day > toDate(0)
) AS grid
LEFT JOIN
(
    SELECT number, toDate(effective_at, {{zone}}) AS day, sum(multiIf(kind = 'entered', 1, kind = 'exited', -1, 0)) AS delta
    FROM {{database}}.changes FINAL
    GROUP BY number, day
) AS flow USING (number, day)
ORDER BY day, number
COMMENT 'How many customers were in each segment at the end of each day';

CREATE OR REPLACE VIEW {{database}}_v1.segment_flow_daily {{onCluster}}
(
    day Date COMMENT 'Day in the zone of the workspace',
    number UInt16 COMMENT 'Number of the segment',
    segment String COMMENT 'Key of the segment',
    cause String COMMENT 'Why the changes happened then: event, timer, late, definition, backfill, …',
    entries UInt64 COMMENT 'Customers who entered',
    exits UInt64 COMMENT 'Customers who left',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    toDate(effective_at, {{zone}}) AS day,
    number,
    segment,
    toString(cause) AS cause,
    countIf(kind = 'entered') AS entries,
    countIf(kind = 'exited') AS exits,
    {{fresh}} AS fresh_as_of
FROM {{database}}.changes FINAL
WHERE kind != 'moved'
GROUP BY day, number, segment, cause
ORDER BY day, number, cause
COMMENT 'Entries and exits of each segment by day and cause';
