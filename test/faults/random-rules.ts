/**
 * The definitions under which it runs: the shipped catalogue, and rules over windows of seconds, so that timers fire all the
 * time. Now and then one of them is published anew with another threshold, or retired for a while.
 */
import { applySegments } from '../../services/cli/segments/apply.ts';
import { canonicalJson } from '../../services/cli/segments/canonical-json.ts';
import { readDefinitionFiles, type AuthoredFile } from '../../services/cli/segments/definition-files.ts';
import { publish, readPublished } from '../../services/cli/segments/published.ts';
import { parseDefinition } from '../../services/core/domain/language/parse.ts';
import type { Log } from '../../services/core/streams/log.ts';
import { seededRandom, type Random } from '../../services/ingest/demo/random.ts';
import type { Config } from '../../services/platform/config/options.ts';
import { packagePath } from '../../services/platform/config/package-root.ts';

type Authored = Readonly<Record<string, unknown>>;

const CONTACT = { event: 'interaction', where: { kind: 'contact' } };
/** Nothing refers to it, so it can be retired. */
const RETIRABLE = 'torture-channels';

export class RandomRules {
  readonly #random: Random;
  readonly #log: Log;
  readonly #config: Config;
  readonly #shipped: readonly AuthoredFile[];
  readonly #terms: { readonly zone: string };
  readonly #authored = new Map<string, AuthoredFile>();
  published = 0;

  constructor(seed: number, log: Log, config: Config) {
    this.#random = seededRandom(seed, 'rules');
    this.#log = log;
    this.#config = config;
    this.#terms = { zone: config.workspace.timezone };
    this.#shipped = readDefinitionFiles(packagePath('schemas', 'segments'), this.#terms);
  }

  /** Everything, before the first event. */
  async found(): Promise<void> {
    for (const rule of this.#rules()) this.#author(rule);
    await this.#apply();
  }

  /** One of them changes, goes or comes back. */
  async change(): Promise<void> {
    if (this.#random.chance(0.2) && this.#authored.delete(RETIRABLE)) await this.#retire(RETIRABLE);
    else {
      this.#author(this.#random.pick(this.#rules()));
      await this.#apply();
    }
    this.published += 1;
  }

  async #apply(): Promise<void> {
    const files = [...this.#shipped, ...this.#authored.values()];
    await applySegments(this.#log, this.#config, files, { dryRun: false, reason: null, now: Date.now() });
  }

  async #retire(key: string): Promise<void> {
    const { catalogue, registry } = await readPublished(this.#log, this.#config);
    const basedOn = catalogue.current(key)?.offset;
    if (basedOn === undefined) return;
    const said = { author: 'torture', reason: null, publishedAt: Date.now(), effectiveFrom: null, body: '{}' };
    await publish(this.#log, this.#config, registry, [{ kind: 'retire', key, basedOn, ...said }]);
  }

  #author(rule: Authored): void {
    const parsed = parseDefinition(rule, this.#terms);
    if (!parsed.ok) throw new Error(`a random rule is refused: ${JSON.stringify(parsed.mistakes)}`);
    const { definition } = parsed;
    const { key } = definition;
    const place = { file: 'torture', line: 1, placeOf: () => ({ line: 1, column: 1 }) };
    const what = { kind: 'definition', definition } as const;
    this.#authored.set(key, { ...place, key, what, body: canonicalJson(rule), tests: undefined });
  }

  #rules(): readonly Authored[] {
    const among = <T>(...values: readonly T[]): T => this.#random.pick(values);
    const rule = (key: string, enter: Authored): Authored => ({ key, name: key, enter });
    return [
      rule('torture-burst', { count: { ...CONTACT, within: among('1s', '2s') }, atLeast: among(2, 3, 4) }),
      rule('torture-calm', { none: { event: 'interaction', within: among('2s', '3s') } }),
      rule('torture-spender', {
        sum: { event: 'purchase', of: 'amountBaseMinor', within: among('3s', '5s') },
        atLeast: among(10_000, 20_000),
      }),
      rule('torture-unhappy', {
        averageLast: { event: 'survey', where: { kind: 'csat' }, of: 'score', n: 3 },
        atMost: among(2, 3),
      }),
      rule('torture-gold', { trait: 'tier', in: among(['gold'], ['gold', 'silver']) }),
      rule(RETIRABLE, { countDistinct: { event: 'interaction', of: 'channel', within: '3s' }, atLeast: among(2, 3) }),
      rule('torture-idle', {
        timeSinceLast: { event: ['interaction', 'purchase'] },
        atLeast: among('1s', '3s', '5s'),
      }),
      rule('torture-mixed', {
        any: [
          { all: [{ segment: 'torture-burst' }, { not: { segment: 'torture-gold' } }] },
          { all: [{ segment: 'torture-calm' }, { segment: 'torture-spender' }] },
        ],
      }),
    ];
  }
}
