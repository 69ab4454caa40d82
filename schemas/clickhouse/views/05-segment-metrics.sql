-- Every measure of every segment against everyone and everyone else (catalogue §0 and §2). Letters: B = set before the event,
-- M = member-days, O = set at the opening of the issue. Below {{minimumN}} cases a value is not shown; no cases give null, never 0.
CREATE OR REPLACE VIEW {{database}}_v1.segment_metrics_between {{onCluster}}
AS WITH
    {{minimumN}} AS minimum_n,
    1.96 AS z
SELECT
    number,
    segment,
    name,
    metric,
    unit,
    attribution,
    n,
    if(n = 0 OR (n < minimum_n AND NOT is_count), NULL, raw_value) AS value,
    if(n < minimum_n, NULL, raw_low) AS low,
    if(n < minimum_n, NULL, raw_high) AS high,
    everyone_n,
    if(everyone_n = 0 OR (everyone_n < minimum_n AND NOT is_count), NULL, raw_everyone) AS everyone,
    others_n,
    if(others_n = 0 OR (others_n < minimum_n AND NOT is_count), NULL, raw_others) AS others,
    value - others AS difference,
    if(others = 0, NULL, value / others) AS ratio,
    {{fresh}} AS fresh_as_of
FROM
(
    SELECT
        number,
        one.1 AS metric,
        one.2 AS unit,
        one.3 AS attribution,
        one.4 AS is_count,
        anyIf(one.5, side = 'segment') AS n,
        anyIf(one.6, side = 'segment') AS raw_value,
        anyIf(one.7, side = 'segment') AS raw_low,
        anyIf(one.8, side = 'segment') AS raw_high,
        anyIf(one.5, side = 'everyone') AS everyone_n,
        anyIf(one.6, side = 'everyone') AS raw_everyone,
        anyIf(one.5, side = 'others') AS others_n,
        anyIf(one.6, side = 'others') AS raw_others
    FROM
    (
        SELECT
            number,
            side,
            csat_positive / csat_n AS p,
            (csat_total / csat_n) / 1000 AS csat_mean,
            sqrt(greatest(0, csat_squares / 1000000 - csat_n * csat_mean * csat_mean) / (csat_n - 1)) AS csat_deviation,
            (promoters - detractors) / nps_n AS net,
            order_total / order_n AS aov,
            sqrt(greatest(0, order_squares - order_n * aov * aov) / (order_n - 1)) AS aov_deviation,
            arrayJoin([
                ('contacts', 'contacts', 'B', true, contacts, toFloat64(contacts), NULL, NULL),
                (
                    'contact_rate', 'per 1,000 days', 'B, M', false, contacts, 1000 * contacts / member_days,
                    1000 * greatest(0, contacts - z * sqrt(contacts)) / member_days, 1000 * (contacts + z * sqrt(contacts)) / member_days
                ),
                ('orders', 'orders', 'B', true, orders + cancelled, toFloat64(orders - cancelled), NULL, NULL),
                ('revenue', concat('minor units of ', {{currency}}), 'B', false, revenue_n, toFloat64(revenue), NULL, NULL),
                (
                    'aov', concat('minor units of ', {{currency}}), 'B', false, order_n, aov,
                    aov - z * aov_deviation / sqrt(order_n), aov + z * aov_deviation / sqrt(order_n)
                ),
                (
                    'csat', '%', 'B', false, csat_n, 100 * p,
                    100 * (p + z * z / (2 * csat_n) - z * sqrt(p * (1 - p) / csat_n + z * z / (4 * csat_n * csat_n))) / (1 + z * z / csat_n),
                    100 * (p + z * z / (2 * csat_n) + z * sqrt(p * (1 - p) / csat_n + z * z / (4 * csat_n * csat_n))) / (1 + z * z / csat_n)
                ),
                (
                    'csat_mean', '1-5', 'B', false, csat_n, csat_mean,
                    csat_mean - z * csat_deviation / sqrt(csat_n), csat_mean + z * csat_deviation / sqrt(csat_n)
                ),
                (
                    'nps', '-100 to 100', 'B', false, nps_n, 100 * net,
                    100 * net - 100 * z * sqrt(((promoters + detractors) / nps_n - net * net) / nps_n),
                    100 * net + 100 * z * sqrt(((promoters + detractors) / nps_n - net * net) / nps_n)
                )
            ]::Array(Tuple(String, String, String, Bool, Int64, Nullable(Float64), Nullable(Float64), Nullable(Float64)))) AS one
        FROM
        (
            SELECT
                known.number AS number,
                arrayJoin(['segment', 'everyone', 'others']) AS side,
                (side != 'segment') AS plus,
                (side = 'others' ? -1 : side = 'segment') AS own,
                own * inside.contacts + plus * whole.contacts AS contacts,
                own * inside.orders + plus * whole.orders AS orders,
                own * inside.cancelled + plus * whole.cancelled AS cancelled,
                own * inside.revenue + plus * whole.revenue AS revenue,
                own * inside.revenue_n + plus * whole.revenue_n AS revenue_n,
                own * inside.order_n + plus * whole.order_n AS order_n,
                own * inside.order_total + plus * whole.order_total AS order_total,
                own * inside.order_squares + plus * whole.order_squares AS order_squares,
                own * inside.csat_n + plus * whole.csat_n AS csat_n,
                own * inside.csat_positive + plus * whole.csat_positive AS csat_positive,
                own * inside.csat_total + plus * whole.csat_total AS csat_total,
                own * inside.csat_squares + plus * whole.csat_squares AS csat_squares,
                own * inside.nps_n + plus * whole.nps_n AS nps_n,
                own * inside.promoters + plus * whole.promoters AS promoters,
                own * inside.detractors + plus * whole.detractors AS detractors,
                own * inside.member_days + plus * whole.member_days AS member_days
            FROM (SELECT number, 0 AS nobody FROM {{database}}_v1.segments WHERE NOT retired) AS known
            LEFT JOIN {{database}}.segment_sums_between(since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}) AS inside
                ON inside.number = known.number
            LEFT JOIN {{database}}.segment_sums_between(since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}) AS whole
                ON whole.number = known.nobody
        )
    )
    GROUP BY number, metric, unit, attribution, is_count

    UNION ALL

    SELECT
        number,
        metric,
        's, median',
        'O',
        false,
        toInt64(length(inside)) AS n,
        (inside[intDiv(n + 1, 2)] + inside[intDiv(n, 2) + 1]) / 2,
        inside[greatest(1, toInt64(floor(n / 2 - z * sqrt(n) / 2)))],
        inside[least(n, toInt64(ceil(n / 2 + 1 + z * sqrt(n) / 2)))],
        toInt64(everyone_n),
        everyone,
        toInt64(everyone_n) - n,
        others
    FROM
    (
        SELECT number, arrayJoin(['first_response_time', 'resolution_time']) AS metric
        FROM {{database}}_v1.segments
        WHERE NOT retired
    ) AS known
    LEFT JOIN {{database}}.segment_durations_between(since = {since:DateTime64(3, 'UTC')}, until = {until:DateTime64(3, 'UTC')}) AS durations
        USING (number, metric)
) AS measures
INNER JOIN (SELECT number, segment, name FROM {{database}}_v1.segments) AS names USING (number)
ORDER BY number, metric
COMMENT 'Measures of each segment against everyone and everyone else, for events with since <= instant < until: segment_metrics_between(since = ''2026-01-01'', until = ''2026-02-01'')';

CREATE OR REPLACE VIEW {{database}}_v1.segment_metrics {{onCluster}}
(
    number UInt16 COMMENT 'Number of the segment',
    segment String COMMENT 'Key of the segment',
    name String COMMENT 'Name of the segment',
    metric String COMMENT 'contacts, contact_rate, orders, revenue, aov, csat, csat_mean, nps, first_response_time, resolution_time',
    unit String COMMENT 'Unit of the values',
    attribution String COMMENT 'Which set decides: B before the event, O at the opening of the issue, M member-days',
    n Int64 COMMENT 'Cases in the segment',
    value Nullable(Float64) COMMENT 'The measure; null without cases or with too few of them',
    low Nullable(Float64) COMMENT 'Lower end of the 95 % interval',
    high Nullable(Float64) COMMENT 'Upper end of the 95 % interval',
    everyone_n Int64 COMMENT 'Cases of everyone',
    everyone Nullable(Float64) COMMENT 'The measure for everyone',
    others_n Int64 COMMENT 'Cases of everyone outside of the segment',
    others Nullable(Float64) COMMENT 'The measure for everyone outside of the segment',
    difference Nullable(Float64) COMMENT 'Value less others',
    ratio Nullable(Float64) COMMENT 'Value by others',
    fresh_as_of DateTime64(3, 'UTC') COMMENT 'The ledger has read everything appended before this instant'
)
AS SELECT number, segment, name, metric, unit, attribution, n, value, low, high, everyone_n, everyone, others_n, others, difference, ratio, fresh_as_of
FROM {{database}}_v1.segment_metrics_between(since = '1900-01-01 00:00:00.000', until = '2299-12-31 23:59:59.999')
COMMENT 'Measures of each segment against everyone and everyone else, over all time; segment_metrics_between has the same for a period';
