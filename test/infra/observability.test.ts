/** What watches Tributary names only what Tributary says, and each alarm has its paragraph. */
import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packagePath } from '../../services/platform/config/package-root.ts';
import { METRICS, type AnyMetric } from '../../services/platform/telemetry/metrics-list.ts';

interface Alert {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: { readonly summary: string; readonly runbook: string };
}

interface Panel {
  readonly id: number;
  readonly type: string;
  readonly title: string;
  readonly description?: string;
  readonly datasource?: { readonly uid: string };
  readonly targets?: readonly { readonly expr: string }[];
}

const read = (...path: readonly string[]) => readFileSync(packagePath('infra', ...path), 'utf8');
const yaml = (...path: readonly string[]): unknown => parse(read(...path));

const metrics = new Map<string, AnyMetric>(Object.values<AnyMetric>(METRICS).map((metric) => [metric.name, metric]));
/** Prometheus adds these to a histogram's name. */
const PARTS = ['_bucket', '_sum', '_count'];

/** What is wrong with an expression: metrics we do not have, labels they do not have, parts that a kind does not have. */
function mistakesIn(expr: string): readonly string[] {
  const mistakes: string[] = [];
  let labels = new Set<string>(['job', 'instance', 'le']);
  for (const [name] of expr.matchAll(/\btributary_\w+/g)) {
    const part = PARTS.find((each) => name.endsWith(each) && !metrics.has(name));
    const metric = metrics.get(part === undefined ? name : name.slice(0, -part.length));
    if (metric === undefined || (metric.kind === 'histogram') !== (part !== undefined)) mistakes.push(name);
    else labels = labels.union(new Set(metric.labels));
  }
  const named = [...expr.matchAll(/(?:by|without) \(([^)]*)\)|\{([^}]*)\}/g)].flatMap(([, by, where]) =>
    by === undefined ? where!.split(',').map((each) => each.split(/[=!~]/)[0]!.trim()) : by.split(', '),
  );
  return [...mistakes, ...named.filter((label) => !labels.has(label))];
}

describe('the alarms', () => {
  const { groups } = yaml('prometheus', 'alerts.yml') as {
    readonly groups: readonly { readonly rules: readonly Alert[] }[];
  };
  const alerts = groups.flatMap(({ rules }) => rules);
  const page = read('docs', 'operating.md');

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s rests on what is measured, and is explained',
    (name, alert) => {
      expect(mistakesIn(alert.expr)).toEqual([]);
      expect(['info', 'warning', 'critical']).toContain(alert.labels.severity);
      expect(alert.annotations.summary).toMatch(/\.$/);
      expect(alert.annotations.runbook).toBe(`infra/docs/operating.md#${name.toLowerCase()}`);
      expect(page.split('\n')).toContain(`### ${name}`);
    },
  );

  it('have different names, and the page explains no others', () => {
    const names = alerts.map(({ alert }) => alert);
    expect(new Set(names).size).toBe(names.length);
    const explained = [...page.matchAll(/^### (Tributary\w+)$/gm)].map(([, name]) => name!);
    expect(explained.sort()).toEqual([...names].sort());
  });

  it('are loaded by the configuration beside them, which scrapes the port of the container', () => {
    const prometheus = yaml('prometheus', 'prometheus.yml') as {
      readonly rule_files: readonly string[];
      readonly scrape_configs: readonly {
        readonly job_name: string;
        readonly dns_sd_configs: readonly { readonly port: number }[];
      }[];
    };
    expect(prometheus.rule_files).toEqual(['alerts.yml']);
    expect(prometheus.scrape_configs).toMatchObject([{ job_name: 'tributary', dns_sd_configs: [{ port: 7070 }] }]);
  });

  it('would notice a metric that does not exist', () => {
    expect(mistakesIn('rate(tributary_nothing_total[5m]) > 0')).toEqual(['tributary_nothing_total']);
    expect(mistakesIn('tributary_transaction_seconds > 1')).toEqual(['tributary_transaction_seconds']);
    expect(mistakesIn('sum by (colour) (tributary_customers)')).toEqual(['colour']);
  });
});

describe('the dashboards', () => {
  const sources = yaml('grafana', 'provisioning', 'datasources', 'prometheus.yml') as {
    readonly datasources: readonly { readonly uid: string }[];
  };
  const files = readdirSync(packagePath('infra', 'grafana', 'dashboards'));

  it.each(files)('%s shows only what is measured, and says what it shows', (file) => {
    const { panels, uid } = JSON.parse(read('grafana', 'dashboards', file)) as {
      readonly uid: string;
      readonly panels: readonly Panel[];
    };
    expect(uid).toMatch(/^tributary-/);
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const { title, type, description, datasource, targets = [] } of panels.filter(
      (panel) => panel.type !== 'row',
    )) {
      expect([title, targets.flatMap(({ expr }) => mistakesIn(expr))]).toEqual([title, []]);
      expect([title, type, description]).not.toContain(undefined);
      expect(sources.datasources.map((source) => source.uid)).toContain(datasource?.uid);
    }
  });

  it('are where Grafana is told to look', () => {
    const { providers } = yaml('grafana', 'provisioning', 'dashboards', 'tributary.yml') as {
      readonly providers: readonly { readonly options: { readonly path: string } }[];
    };
    const compose = readFileSync(packagePath('docker-compose.yml'), 'utf8');
    for (const { options } of providers) expect(compose).toContain(`./infra/grafana/dashboards:${options.path}:ro`);
  });
});
