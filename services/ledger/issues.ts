import type { Span } from './table-rows.ts';

/**
 * The row of an issue, recomputed from its facts (catalogue §0, "life of an issue"). Never incremented: the same facts give
 * the same row whenever and however often they are read, so a repeat of the statement is harmless.
 *
 * Opened by its first `ticket_opened` or inbound contact. From then on `ticket_resolved` closes it; `ticket_reopened`, or an
 * inbound contact, opens it again; what finds it in that state already changes nothing. An issue of which no opening is
 * known has no row. Order within an issue: instant, then offset.
 */

const KEY = '(instant, src_partition, src_offset)';
const OPENS = "(kind = 'ticket_opened' OR (kind = 'contact' AND inbound))";
const MOVES = "(kind IN ('ticket_resolved', 'ticket_reopened') OR (kind = 'contact' AND inbound))";

/** Recomputes the issues that the facts in these spans belong to. `database` and numbers are ours, so they stand in the text. */
export function recomputeIssues(database: string, spans: readonly Span[]): string {
  const touched = spans
    .map(({ partition, first, last }) => `(src_partition = ${partition} AND src_offset BETWEEN ${first} AND ${last})`)
    .join(' OR ');
  // Without its own token a block is recognised by its content, and a row that was lost in a crash could be refused as a
  // repeat; the row's key and version make repeats harmless anyway.
  return `
INSERT INTO ${database}.issues (${COLUMNS.join(', ')})
SETTINGS insert_deduplicate = 0, async_insert = 0
SELECT
    customer_id,
    issue_id,
    opening_key.1 AS opened_at,
    opening.1 AS opened_channel,
    opening.2 AS opened_by_customer,
    opening.3 AS segments,
    category,
    product_id,
    ticket_type,
    if(empty(answered), NULL, answered[1]) AS first_answered_at,
    if(empty(resolved), NULL, resolved[1]) AS first_resolved_at,
    if(empty(resolved), NULL, resolved[-1]) AS last_resolved_at,
    if(empty(reopenings), NULL, reopenings[-1]) AS last_reopened_at,
    NOT states[-1] AS is_open,
    length(reopenings) AS reopened,
    length(answered) AS answers,
    contacts,
    channels,
    escalations,
    sla_first_reply_met,
    sla_resolution_met,
    reported_first_reply_ms,
    reported_resolution_ms,
    cost_base_minor,
    version
FROM
(
    SELECT
        *,
        arrayFilter(move -> (move.1, move.2, move.3) > opening_key, moves) AS later,
        arrayConcat([false], arrayMap(move -> move.4, later)) AS states,
        arrayFilter((move, was) -> move.4 != was, later, arrayPopBack(states)) AS turns,
        arrayMap(turn -> turn.1, arrayFilter(turn -> turn.4, turns)) AS resolved,
        arrayMap(turn -> turn.1, arrayFilter(turn -> NOT turn.4, turns)) AS reopenings,
        arrayMap(one -> one.1, arrayFilter(one -> one > opening_key, answer_keys)) AS answered
    FROM
    (
        SELECT
            customer_id,
            issue_id,
            minIf(${KEY}, ${OPENS}) AS opening_key,
            argMinIf((channel, by_customer, segments), ${KEY}, ${OPENS}) AS opening,
            argMinIf(category, ${KEY}, category != '') AS category,
            argMinIf(product_id, ${KEY}, product_id != '') AS product_id,
            argMinIf(ticket_type, ${KEY}, ticket_type != '') AS ticket_type,
            arraySort(groupArrayIf((instant, src_partition, src_offset, kind = 'ticket_resolved'), ${MOVES})) AS moves,
            arraySort(groupArrayIf(${KEY}, answer)) AS answer_keys,
            countIf(kind = 'contact' AND inbound) AS contacts,
            arraySort(groupUniqArrayIf(channel, kind = 'contact' AND inbound)) AS channels,
            countIf(kind = 'ticket_escalated') AS escalations,
            ${lastKnown('sla_met', "sla_metric = 'first_reply'")} AS sla_first_reply_met,
            ${lastKnown('sla_met', "sla_metric = 'resolution'")} AS sla_resolution_met,
            ${lastKnown('first_reply_ms', 'true')} AS reported_first_reply_ms,
            ${lastKnown('resolution_ms', 'true')} AS reported_resolution_ms,
            sumOrNull(cost_base_minor) AS cost_base_minor,
            max(src_offset) AS version
        FROM ${database}.issue_facts FINAL
        WHERE (customer_key, issue_id) IN
        (
            SELECT customer_key, issue_id FROM ${database}.facts WHERE issue_id != '' AND (${touched})
        )
        GROUP BY customer_id, issue_id
        HAVING countIf(${OPENS}) > 0
    )
)`;
}

function lastKnown(column: string, condition: string): string {
  return `argMaxOrNullIf(${column}, ${KEY}, isNotNull(${column}) AND ${condition})`;
}

const COLUMNS = (
  'customer_id issue_id opened_at opened_channel opened_by_customer segments category product_id ticket_type first_answered_at ' +
  'first_resolved_at last_resolved_at last_reopened_at is_open reopened answers contacts channels escalations sla_first_reply_met ' +
  'sla_resolution_met reported_first_reply_ms reported_resolution_ms cost_base_minor version'
).split(' ');
