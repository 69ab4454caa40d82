import { METRICS, SEGMENT_LABELS_MAX, type AnyMetric } from './metrics-list.ts';

/** The reference page of all metrics, Markdown, made from their declarations. */
export function metricsPage(): string {
  const rows = Object.values<AnyMetric>(METRICS).map(({ name, kind, labels, help }) => {
    const named = labels.map((label) => `\`${label}\``).join(', ');
    return `| \`${name}\` | ${kind} | ${named} | ${help.replaceAll('|', '\\|')} |`;
  });
  return `${INTRODUCTION}\n\n| metric | kind | labels | |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
}

const INTRODUCTION = `# Metrics

<!-- Made from services/platform/telemetry/metrics-list.ts by \`npm run docs\`; a test checks that it is current. -->

\`GET /metrics\` on \`http.host\`:\`http.port\` serves them in Prometheus' text format, beside the usual \`process_*\` and
\`nodejs_*\` metrics. Names and labels are stable; units are seconds, bytes and records. No label carries anything of a
customer. The label \`segment\` takes at most ${SEGMENT_LABELS_MAX} values; further segments are counted under \`other\`.`;
