-- What the measures of a segment are made of, for a period. Number 0 is everyone; everyone else is everyone less the
-- segment, which is exact because all of these are sums. Letters are those of the catalogue: B = the set before the event.
CREATE OR REPLACE VIEW {{database}}.segment_sums_between {{onCluster}}
AS SELECT
    number,
    sum(contacts) AS contacts,
    sum(orders) AS orders,
    sum(cancelled) AS cancelled,
    sum(revenue) AS revenue,
    sum(revenue_n) AS revenue_n,
    sum(order_n) AS order_n,
    sum(order_total) AS order_total,
    sum(order_squares) AS order_squares,
    sum(csat_n) AS csat_n,
    sum(csat_positive) AS csat_positive,
    sum(csat_total) AS csat_total,
    sum(csat_squares) AS csat_squares,
    sum(nps_n) AS nps_n,
    sum(promoters) AS promoters,
    sum(detractors) AS detractors,
    sum(member_days) AS member_days
FROM
(
    SELECT
        arrayJoin(arrayPushFront(segments, 0)) AS number,
        toInt64(countIf(kind = 'contact' AND direction = 'inbound')) AS contacts,
        toInt64(countIf(input = 'purchases' AND kind = 'order')) AS orders,
        toInt64(countIf(input = 'purchases' AND kind = 'order_cancelled')) AS cancelled,
        sumIf(ifNull(amount_base_minor, 0), input = 'purchases' AND kind IN ('order', 'order_cancelled', 'refund', 'invoice_paid')) AS revenue,
        toInt64(countIf(input = 'purchases' AND kind IN ('order', 'order_cancelled', 'refund', 'invoice_paid') AND isNotNull(amount_base_minor))) AS revenue_n,
        toInt64(countIf(input = 'purchases' AND kind = 'order' AND isNotNull(amount_base_minor))) AS order_n,
        sumIf(ifNull(amount_base_minor, 0), input = 'purchases' AND kind = 'order') AS order_total,
        sumIf(pow(toFloat64(ifNull(amount_base_minor, 0)), 2), input = 'purchases' AND kind = 'order') AS order_squares,
        toInt64(0) AS csat_n,
        toInt64(0) AS csat_positive,
        toInt64(0) AS csat_total,
        toInt64(0) AS csat_squares,
        toInt64(0) AS nps_n,
        toInt64(0) AS promoters,
        toInt64(0) AS detractors,
        toFloat64(0) AS member_days
    FROM {{database}}.facts FINAL
    WHERE input IN ('interactions', 'purchases')
        AND instant >= {since:DateTime64(3, 'UTC')} AND instant < {until:DateTime64(3, 'UTC')}
    GROUP BY number

    UNION ALL

    -- One answer per question of an invitation: the one that arrived last counts.
    SELECT
        arrayJoin(arrayPushFront(segments, 0)) AS number,
        0, 0, 0, 0, 0, 0, 0, 0,
        toInt64(countIf(kind = 'csat')),
        toInt64(countIf(kind = 'csat' AND score_positive)),
        toInt64(sumIf(ifNull(score_milli, 0), kind = 'csat')),
        toInt64(sumIf(toInt64(ifNull(score_milli, 0)) * ifNull(score_milli, 0), kind = 'csat')),
        toInt64(countIf(kind = 'nps')),
        toInt64(countIf(kind = 'nps' AND score_milli >= 9000)),
        toInt64(countIf(kind = 'nps' AND score_milli <= 6000)),
        0
    FROM
    (
        SELECT segments, kind, score_milli, score_positive, instant
        FROM {{database}}.facts FINAL
        WHERE input = 'surveys' AND survey_status = 'answered' AND kind IN ('csat', 'nps') AND isNotNull(score_milli)
        ORDER BY received_at DESC, src_partition DESC, src_offset DESC
        LIMIT 1 BY customer_id, kind, question_id, if(response_id = '', event_id, response_id)
    )
    WHERE instant >= {since:DateTime64(3, 'UTC')} AND instant < {until:DateTime64(3, 'UTC')}
    GROUP BY number

    UNION ALL

    -- Member-days: what of each stay lies in the period and has been read.
    SELECT
        number,
        0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
        sum(greatest(0, dateDiff(
            'millisecond',
            greatest(begins, {since:DateTime64(3, 'UTC')}),
            least(ends, {until:DateTime64(3, 'UTC')}, {{fresh}})
        ))) / 86400000
    FROM
    (
        SELECT number, entered_at AS begins, exited_at AS ends FROM {{database}}.memberships FINAL
        UNION ALL
        SELECT 0, min(instant), toDateTime64('2299-12-31 23:59:59.999', 3, 'UTC') FROM {{database}}.facts GROUP BY customer_id
    )
    GROUP BY number
)
GROUP BY number;

-- Durations of issues by the set of their opening (letter O), for a period in which they were complete.
CREATE OR REPLACE VIEW {{database}}.segment_durations_between {{onCluster}}
AS SELECT
    number,
    metric,
    arraySort(groupArrayIf(seconds, has(segments, number))) AS inside,
    count() AS everyone_n,
    quantileExactInclusive(0.5)(seconds) AS everyone,
    quantileExactInclusiveIf(0.5)(seconds, NOT has(segments, number)) AS others
FROM
(
    SELECT
        segments,
        arrayJoin([('first_response_time', first_response_s), ('resolution_time', resolution_s)]) AS one,
        one.1 AS metric,
        assumeNotNull(one.2) AS seconds
    FROM {{database}}_v1.issues
    WHERE isNotNull(one.2)
        AND opened_at + toIntervalMillisecond(toInt64(seconds * 1000)) >= {since:DateTime64(3, 'UTC')}
        AND opened_at + toIntervalMillisecond(toInt64(seconds * 1000)) < {until:DateTime64(3, 'UTC')}
) AS issue
CROSS JOIN (SELECT number FROM {{database}}_v1.segments WHERE NOT retired) AS known
GROUP BY number, metric;
