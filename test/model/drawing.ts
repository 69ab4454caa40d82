/**
 * Draws a history. The run is played while it is drawn, so that instants can be drawn where something is due: on deadlines that
 * no look at the rules alone would find. What comes of it is plain data that plays the same again.
 */
import type { InputEvent } from '../../services/core/domain/events/fact.ts';
import type { Input } from '../../services/core/domain/events/header.ts';
import { startsAround, STARTS } from './calendar-edges.ts';
import { Chance } from './chance.ts';
import { FUTURE_MS, LATENESS_MS, type History, type Opening, type Publication, type Step } from './histories.ts';
import { LiveRun } from './live-run.ts';
import { CUSTOMERS, People, type Told } from './people.ts';
import { group, segment, table } from './rules/definition.ts';
import type { Draft, GroupSketch } from './rules/draft.ts';
import { fixedEdge, WINDOWS_H, ZONES } from './rules/windows.ts';

const HOUR_MS = 3_600_000;
const TABLES = ['money', 'unit', 'days', 'orders'] as const;
const MEMBERS = ['vip', 'high', 'risk', 'plain'] as const;
const INPUTS_COVERED = ['interactions', 'purchases', 'surveys'] as const;

export interface Drawn {
  readonly history: History;
  /** As it stands after the last step; undefined when a step threw, which playing the history does again. */
  readonly run: LiveRun | undefined;
}

export function draw(seed: number): Drawn {
  return new Drawing(seed).draw();
}

/** The history of a seed. */
export function historyOf(seed: number): History {
  return draw(seed).history;
}

class Drawing {
  readonly #seed: number;
  readonly #chance: Chance;
  readonly #people: People;
  readonly #mode: 'live' | 'replay';
  readonly #startMs: number;
  readonly #segments: string[] = [];
  readonly #groups: GroupSketch[] = [];
  readonly #tables: string[] = [];
  readonly #steps: Step[] = [];
  readonly #instants: number[] = [];
  readonly #told: Told[] = [];
  #run: LiveRun | undefined;
  #now: number;

  constructor(seed: number) {
    this.#seed = seed;
    this.#chance = new Chance(seed);
    this.#people = new People(this.#chance);
    this.#mode = this.#chance.happens(0.3) ? 'replay' : 'live';
    this.#startMs = this.#chance.oneOf(STARTS);
    this.#now = this.#startMs + 6 * HOUR_MS;
  }

  draw(): Drawn {
    const chance = this.#chance;
    const opening: Opening = {
      mode: this.#mode,
      zone: chance.oneOf(['UTC', 'Europe/Vienna']),
      startMs: this.#startMs,
      founding: this.#founding(),
    };
    this.#run = new LiveRun(opening);
    // Now and then the first event comes before any definition is in force.
    if (chance.happens(0.85)) this.#take({ kind: 'pass', to: this.#now });
    if (chance.happens(0.5)) this.#all(this.#people.introductions(this.#now));
    const count = chance.whole(5, 120);
    while (this.#steps.length < count && this.#isAlive()) this.#step();
    return { history: { seed: this.#seed, ...opening, steps: this.#steps }, run: this.#run };
  }

  /** Until a step threw. */
  #isAlive(): boolean {
    return this.#run !== undefined;
  }

  #founding(): readonly Publication[] {
    const chance = this.#chance;
    const founding: Publication[] = [];
    for (const input of INPUTS_COVERED) {
      const since = chance.oneOf([
        'always',
        'always',
        'always',
        this.#startMs,
        this.#startMs - 100 * HOUR_MS,
        undefined,
      ]);
      if (since !== undefined)
        founding.push({ kind: 'coverage', body: { input, kinds: '*', since }, effectiveInMs: null });
    }
    for (const key of TABLES) if (chance.happens(0.35)) founding.push(this.#table(key, null));
    for (let count = chance.whole(1, 5); count > 0; count--) {
      founding.push(chance.happens(0.25) ? this.#newGroup(null) : this.#newSegment(null));
    }
    return founding;
  }

  #draft(segments = this.#segments, groups = this.#groups): Draft {
    return {
      chance: this.#chance,
      anchorMs: this.#startMs,
      customers: CUSTOMERS,
      segments: [...segments],
      groups: [...groups],
      tables: this.#tables,
    };
  }

  #newSegment(effectiveInMs: number | null): Publication {
    const key = `s${this.#segments.length}`;
    const body = segment(this.#draft(), key);
    this.#segments.push(key);
    return { kind: 'segment', key, body, effectiveInMs };
  }

  #newGroup(effectiveInMs: number | null): Publication {
    const sketch = this.#sketch(`g${this.#groups.length}`);
    const body = group(this.#draft(), sketch);
    this.#groups.push(sketch);
    return { kind: 'segment', key: sketch.key, body, effectiveInMs };
  }

  #sketch(key: string): GroupSketch {
    const members = this.#chance.someOf(MEMBERS, 2, 4);
    const last = members.at(-1)!;
    return { key, members, default: this.#chance.happens(0.75) ? last : this.#chance.oneOf(members) };
  }

  #table(key: string, effectiveInMs: number | null): Publication {
    if (!this.#tables.includes(key)) this.#tables.push(key);
    return { kind: 'table', key, body: table(this.#chance, key), effectiveInMs };
  }

  #step(): void {
    const chance = this.#chance;
    chance.oneWay([
      [38, () => this.#record()],
      [30, () => this.#pass()],
      [8, () => this.#take({ kind: 'fire', atMost: chance.oneOf([1, 2, 100]) })],
      [6, () => this.#take({ kind: 'slice', atMost: chance.oneOf([1, 2, 100]) })],
      [4, () => this.#take({ kind: 'restart' })],
      [5, () => this.#all(this.#people.issue(this.#instant()))],
      [3, () => this.#all(this.#people.checkout(this.#instant()))],
      [2, () => this.#all(this.#people.burst(this.#instant(), chance.happens(0.004) ? 1100 : 20))],
      [4, () => this.#publish()],
    ]);
  }

  #take(step: Step): void {
    this.#steps.push(step);
    try {
      this.#run?.step(step);
    } catch {
      // The history ends here; whoever plays it is told.
      this.#run = undefined;
    }
  }

  #pass(): void {
    const chance = this.#chance;
    const near = chance.oneOf([-1, 0, 0, 1, 499, 500, 500, 501]);
    const to = chance.oneWay<number>([
      [5, () => (this.#run?.nextDue ?? Infinity) + near],
      [3, () => chance.oneOf(this.#edges()) + near],
      [1, () => fixedEdge(chance, this.#startMs) + near],
      [2, () => chance.oneOf(startsAround(this.#now, chance.oneOf(ZONES))) + near],
      [3, () => this.#now + chance.oneOf([1, 1000, HOUR_MS, 5 * HOUR_MS, 24 * HOUR_MS, 24 * HOUR_MS, 80 * HOUR_MS])],
      [0.3, () => this.#now + chance.oneOf([1000, 2000, 9000]) * HOUR_MS],
    ]);
    if (!(to > this.#now) || to > this.#startMs + 3 * 366 * 24 * HOUR_MS) return;
    this.#now = to;
    this.#take({ kind: 'pass', to });
  }

  /** Where events leave windows. */
  #edges(): readonly number[] {
    const { length } = this.#instants;
    const recent = this.#instants.slice(Math.max(0, length - 30));
    const edges = recent.flatMap((instant) => WINDOWS_H.map((hours) => instant + hours * HOUR_MS));
    const ahead = edges.filter((edge) => edge > this.#now);
    return ahead.length === 0 ? [this.#now + HOUR_MS] : ahead;
  }

  #record(): void {
    const chance = this.#chance;
    if (this.#told.length > 0 && chance.happens(0.06)) {
      const again = chance.oneOf(this.#told);
      // What was imported may come once more live.
      const event = chance.happens(0.5) ? again.event : { ...again.event, importId: null };
      this.#append({ ...again, event }, chance.happens(0.05));
      return;
    }
    const told = this.#people.anything(this.#instant());
    const importId = this.#mode === 'live' && chance.happens(0.08) ? 'import' : null;
    this.#append({ ...told, event: { ...told.event, importId } }, chance.happens(0.02));
  }

  #all(told: readonly Told[]): void {
    for (const one of told) this.#append(one, false);
  }

  #append(told: { readonly input: Input; readonly event: InputEvent }, damaged: boolean): void {
    this.#told.push(told);
    if (told.event.occurredAt <= this.#now) this.#instants.push(told.event.occurredAt);
    this.#take({ kind: 'record', ...told, damaged });
  }

  #instant(): number {
    const chance = this.#chance;
    return chance.oneWay<number>([
      [60, () => this.#now],
      [12, () => (this.#instants.length === 0 ? this.#now : chance.oneOf(this.#instants))],
      [6, () => this.#edgeBefore(chance.oneOf(startsAround(this.#now, chance.oneOf(ZONES))))],
      [6, () => this.#edgeBefore(this.#run?.nextDue ?? this.#now)],
      [3, () => this.#edgeBefore(fixedEdge(chance, this.#startMs))],
      [12, () => this.#now - this.#back()],
      [3, () => this.#now + chance.oneOf([1, FUTURE_MS, FUTURE_MS + 1])],
    ]);
  }

  /** Around an edge, if it does not lie ahead: an event of the future would be a dead letter. */
  #edgeBefore(edge: number): number {
    const near = edge + this.#chance.oneOf([-1, 0, 1]);
    return near > this.#now + FUTURE_MS ? this.#now : near;
  }

  #back(): number {
    return this.#chance.oneOf([
      ...[1, 1000, HOUR_MS, 5 * HOUR_MS, 24 * HOUR_MS, 50 * HOUR_MS, 72 * HOUR_MS],
      ...[LATENESS_MS, LATENESS_MS + 1, 300 * HOUR_MS],
    ]);
  }

  #publish(): void {
    if (this.#mode !== 'live') return;
    const chance = this.#chance;
    const effectiveInMs = chance.oneOf([null, null, 0, HOUR_MS, 24 * HOUR_MS]);
    const publication = chance.oneWay<Publication>([
      [2, () => ({ kind: 'coverage', body: this.#coverage(), effectiveInMs })],
      [2, () => ({ kind: 'retire', key: this.#anyKey(), effectiveInMs })],
      [3, () => this.#again(effectiveInMs)],
      [2, () => this.#table(chance.oneOf(this.#tables.length > 0 ? this.#tables : TABLES), effectiveInMs)],
      [2, () => (chance.happens(0.3) ? this.#newGroup(effectiveInMs) : this.#newSegment(effectiveInMs))],
    ]);
    this.#take({ kind: 'publish', publication });
  }

  #coverage(): Readonly<Record<string, unknown>> {
    const chance = this.#chance;
    const since = chance.oneOf(['always', this.#now - 100 * HOUR_MS, this.#now]);
    return { input: chance.oneOf(INPUTS_COVERED), kinds: chance.oneOf(['*', ['contact'], ['order']]), since };
  }

  #anyKey(): string {
    return this.#chance.oneOf([...this.#segments, ...this.#groups.map(({ key }) => key)]);
  }

  /** Another version of something that may refer only to what was there before it. */
  #again(effectiveInMs: number | null): Publication {
    const chance = this.#chance;
    const key = this.#anyKey();
    const place = this.#segments.indexOf(key);
    if (place >= 0) {
      const body = segment(this.#draft(this.#segments.slice(0, place), []), key);
      return { kind: 'segment', key, body, effectiveInMs };
    }
    const at = this.#groups.findIndex((one) => one.key === key);
    const sketch = chance.happens(0.5) ? this.#groups[at]! : this.#sketch(key);
    this.#groups[at] = sketch;
    return { kind: 'segment', key, body: group(this.#draft([], this.#groups.slice(0, at)), sketch), effectiveInMs };
  }
}
