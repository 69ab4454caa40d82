CREATE OR REPLACE VIEW {{database}}_v1.segments {{onCluster}}
(
    number UInt16 COMMENT 'Number of the segment, never reused; what arrays of segments hold',
    segment String COMMENT 'Key of the segment; of a member of a group GROUP/MEMBER',
    name String COMMENT 'Name',
    group_key String COMMENT 'Key of the group, for a member of one',
    group_name String COMMENT 'Name of the group',
    priority UInt16 COMMENT 'Place in the order of the group, from 1; 0 outside of groups',
    is_default Bool COMMENT 'Whether it is the member of those whom no other takes',
    goal String COMMENT 'Why it exists',
    owner String COMMENT 'Who answers for it',
    version UInt32 COMMENT 'Newest version of the definition',
    retired Bool COMMENT 'Whether it is out of use',
    published_at DateTime64(3, 'UTC') COMMENT 'When the newest version was published',
    effective_from DateTime64(3, 'UTC') COMMENT 'When the newest record of it came into force',
    definition String COMMENT 'The rule, of a member that of its group, canonical JSON; empty when retired',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    number, segment, name, group_key, group_name, priority, is_default, goal, owner, version, retired, published_at, effective_from, definition,
    {{fresh}} AS fresh_as_of
FROM {{database}}.segments FINAL
ORDER BY number, version DESC
LIMIT 1 BY number
COMMENT 'Segments and members of groups by number, as last published';

-- One row per entry and per exit: a move within a group is both, of another member each.
CREATE OR REPLACE VIEW {{database}}.crossings {{onCluster}}
(
    customer_id String COMMENT 'Root id of the customer (pseudonym)',
    life UInt32 COMMENT 'Life of the customer',
    seq UInt64 COMMENT 'Number of the change; both sides of a move have the same',
    effective_at DateTime64(3, 'UTC') COMMENT 'From when on it holds',
    cause String COMMENT 'Why it happened then',
    number UInt16 COMMENT 'Number of the segment, or of the member of a group',
    segment String COMMENT 'Its key',
    step Int8 COMMENT '1 for an entry, -1 for an exit'
)
AS SELECT customer_id, life, seq, effective_at, toString(cause) AS cause, side.1 AS number, side.2 AS segment, side.3 AS step
FROM
(
    SELECT
        customer_id, life, seq, effective_at, cause,
        (changed.number, changed.segment, toInt8(if(kind = 'exited', -1, 1))) AS own,
        (number_from, concat(group_key, '/', member_from), toInt8(-1)) AS left,
        arrayJoin(kind = 'moved' AND number_from > 0 ? [left, own] : [own]) AS side
    FROM {{database}}.changes AS changed FINAL
);

CREATE OR REPLACE VIEW {{database}}_v1.segment_sizes {{onCluster}}
(
    number UInt16 COMMENT 'Number of the segment',
    segment String COMMENT 'Key of the segment',
    name String COMMENT 'Name',
    group_key String COMMENT 'Key of the group, for a member of one',
    members UInt64 COMMENT 'Customers in it now',
    customers UInt64 COMMENT 'Customers known',
    share Nullable(Float64) COMMENT 'Members in percent of the customers known; null without customers',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    number,
    segment,
    name,
    group_key,
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
    SELECT number, toDate(effective_at, {{zone}}) AS day, sum(step) AS delta
    FROM {{database}}.crossings
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
    cause,
    countIf(step > 0) AS entries,
    countIf(step < 0) AS exits,
    {{fresh}} AS fresh_as_of
FROM {{database}}.crossings
GROUP BY day, number, segment, cause
ORDER BY day, number, cause
COMMENT 'Entries and exits of each segment by day and cause; a move within a group is an exit and an entry';

CREATE OR REPLACE VIEW {{database}}_v1.group_moves_daily {{onCluster}}
(
    day Date COMMENT 'Day in the zone of the workspace',
    group_key String COMMENT 'Key of the group',
    member_from String COMMENT 'Member left; empty where the customer was in none yet',
    member_to String COMMENT 'Member entered',
    number_from UInt16 COMMENT 'Number of the member left; 0 where there was none',
    number_to UInt16 COMMENT 'Number of the member entered',
    cause String COMMENT 'Why the moves happened then: event, timer, late, definition, backfill, …',
    moves UInt64 COMMENT 'How many',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    toDate(effective_at, {{zone}}) AS day,
    group_key,
    member_from,
    member_to,
    number_from,
    number AS number_to,
    toString(cause) AS cause,
    count() AS moves,
    {{fresh}} AS fresh_as_of
FROM {{database}}.changes FINAL
WHERE kind = 'moved'
GROUP BY day, group_key, member_from, member_to, number_from, number_to, cause
ORDER BY day, group_key, member_from, member_to, cause
COMMENT 'Moves between the members of each group by day and cause';

CREATE OR REPLACE VIEW {{database}}_v1.segment_dwell {{onCluster}}
(
    number UInt16 COMMENT 'Number of the segment',
    segment String COMMENT 'Key of the segment',
    stays UInt64 COMMENT 'Stays that have ended',
    p50_days Nullable(Float64) COMMENT 'Half of them lasted at most so long, days; null without any',
    p90_days Nullable(Float64) COMMENT 'Nine of ten lasted at most so long, days',
    settled UInt64 COMMENT 'Of the stays, those that ended at least 7 days ago: whether they flapped is known',
    flaps UInt64 COMMENT 'Of the settled, those followed by a re-entry within 7 days',
    flap_rate Nullable(Float64) COMMENT 'Flaps in percent of the settled; null without any',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS WITH {{fresh}} AS fresh
SELECT
    number,
    any(key) AS segment,
    count() AS stays,
    quantileExactInclusive(0.5)(days) AS p50_days,
    quantileExactInclusive(0.9)(days) AS p90_days,
    countIf(exited_at <= fresh - toIntervalDay(7)) AS settled,
    countIf(exited_at <= fresh - toIntervalDay(7) AND isNotNull(next_at) AND next_at < exited_at + toIntervalDay(7)) AS flaps,
    if(settled = 0, NULL, 100 * flaps / settled) AS flap_rate,
    fresh AS fresh_as_of
FROM
(
    SELECT
        number,
        segment AS key,
        exited_at,
        dateDiff('millisecond', entered_at, exited_at) / 86400000 AS days,
        leadInFrame(toNullable(entered_at)) OVER (
            PARTITION BY number, customer_id, life ORDER BY entered_at ROWS BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING
        ) AS next_at
    FROM {{database}}.memberships FINAL
)
WHERE exited_at < '2299-12-31 23:59:59.999'
GROUP BY number
ORDER BY number
COMMENT 'How long stays in each segment lasted, and how many were soon followed by another';

CREATE OR REPLACE VIEW {{database}}_v1.segment_overlap {{onCluster}}
(
    number UInt16 COMMENT 'Number of the segment',
    segment String COMMENT 'Key of the segment',
    other_number UInt16 COMMENT 'Number of another segment',
    other String COMMENT 'Key of that one',
    customers UInt64 COMMENT 'Customers who are in both now',
    share Float64 COMMENT 'They in percent of the members of the first',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT
    number,
    segment,
    other_number,
    other,
    both AS customers,
    100 * both / members AS share,
    {{fresh}} AS fresh_as_of
FROM
(
    -- A segment overlaps itself by all of its members.
    SELECT
        own.1 AS number,
        any(own.2) AS segment,
        another.1 AS other_number,
        any(another.2) AS other,
        count() AS both,
        max(both) OVER (PARTITION BY number) AS members
    FROM
    (
        SELECT held, arrayJoin(held) AS own
        FROM
        (
            SELECT groupArray((number, segment)) AS held
            FROM {{database}}.memberships FINAL
            WHERE exited_at = '2299-12-31 23:59:59.999'
            GROUP BY customer_id
        )
    )
    ARRAY JOIN held AS another
    GROUP BY number, other_number
)
WHERE number != other_number
ORDER BY number, other_number
COMMENT 'How many customers are in each two segments now';
