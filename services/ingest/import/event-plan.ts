import type { Identity } from '../../core/domain/events/identity.ts';
import type { Interaction } from '../../core/domain/events/interaction.ts';
import type { Profile } from '../../core/domain/events/profile.ts';
import type { Purchase } from '../../core/domain/events/purchase.ts';
import type { Survey } from '../../core/domain/events/survey.ts';
import type { Input } from '../../core/domain/events/header.ts';
import { baseAmountOf } from '../base-amount.ts';
import { textOf } from './cell-value.ts';
import { compileCondition, type Condition } from './condition.ts';
import { Refusal, type Environment, type RowContext } from './environment.ts';
import { eventFields } from './event-fields.ts';
import type { EventSpec, ValueSpec } from './mapping.ts';
import type { Path } from './mistakes.ts';
import { compileField, requiredNames, type Draft, type Setter } from './target.ts';

/** An event with the topic it is for. */
export type InputEvent =
  | { readonly input: 'interactions'; readonly event: Interaction }
  | { readonly input: 'purchases'; readonly event: Purchase }
  | { readonly input: 'surveys'; readonly event: Survey }
  | { readonly input: 'profiles'; readonly event: Profile }
  | { readonly input: 'identities'; readonly event: Identity };

/** An event and where in the file it came from; (at, row, index) is the one order of an import. */
export type MappedEvent = InputEvent & {
  /** Its occurredAt, where sorting finds it without looking into five kinds of events. */
  readonly at: number;
  readonly row: number;
  readonly index: number;
  /** Events of one customer with the same key are kept only when their content changes. */
  readonly changeKey: string | undefined;
};

export interface EventPlan {
  readonly name: string;
  readonly input: Input;
  readonly once: boolean;
  readonly onlyChanges: boolean;
  readonly when: Condition;
  /** Undefined without a customer. `identity` names the row or group and which event of it this is. Throws Refusal. */
  make(context: RowContext, identity: string): InputEvent | undefined;
}

/** Header fields the mapping fills by entries of its own. */
const HEADER = ['eventId', 'source', 'importId', 'occurredAt', 'receivedAt', 'customerId'];

export interface PlanOptions {
  /** Workspace currency: amounts in it need no rate to be base amounts. */
  readonly baseCurrency: string | undefined;
}

export function compileEvent(spec: EventSpec, path: Path, env: Environment, options: PlanOptions): EventPlan {
  const fields = eventFields(spec.input);
  const setters: Setter[] = [];
  const filled = new Set(HEADER);
  const fill = (name: string, value: ValueSpec, at: Path): void => {
    filled.add(name.split('.')[0]!);
    setters.push(compileField(name, value, fields, at, env));
  };
  const occurredAt = spec.occurredAt ?? env.mapping.occurredAt;
  if (occurredAt === undefined) env.mistakes.add(path, 'occurredAt is missing, here or for the whole mapping');
  else fill('occurredAt', occurredAt, spec.occurredAt === undefined ? ['occurredAt'] : [...path, 'occurredAt']);
  const customerAt: Path = spec.customerId === undefined ? ['customerId'] : [...path, 'customerId'];
  fill('customerId', spec.customerId ?? env.mapping.customerId, customerAt);
  if (spec.eventId !== undefined) fill('eventId', spec.eventId, [...path, 'eventId']);
  if (spec.kind !== undefined) fill('kind', spec.kind, [...path, 'kind']);
  for (const [name, value] of Object.entries(spec.fields)) {
    if (HEADER.includes(name) || name === 'kind')
      env.mistakes.add([...path, 'fields', name], `${name} stands beside fields`);
    else fill(name, value, [...path, 'fields', name]);
  }
  for (const name of requiredNames(fields)) {
    if (!filled.has(name)) env.mistakes.add(path, `an event of ${spec.input} needs ${name} under fields`);
  }
  if (spec.once && env.mode !== 'history') env.mistakes.add([...path, 'once'], 'once needs rows: {history: …}');
  const name = spec.name ?? nameOf(spec);
  const template = { ...fields.template, source: env.mapping.source ?? env.mapping.name };
  const required = requiredNames(fields).filter((one) => !HEADER.includes(one) || one === 'occurredAt');
  return {
    name,
    input: spec.input,
    once: spec.once,
    onlyChanges: spec.onlyChanges,
    when: spec.when === undefined ? () => true : compileCondition(spec.when, [...path, 'when'], env),
    make(context, identity) {
      const draft: Draft = { ...template };
      draft['eventId'] = `${env.mapping.name}:${name}:${identity}`;
      for (const set of setters) set(context, draft);
      if (draft['customerId'] === null) return undefined;
      for (const one of required) if (draft[one] === null) throw new Refusal('', `${one} is missing`);
      // History has no arrival of its own: when it happened is all that is known, and repeats stay equal.
      draft['receivedAt'] = draft['occurredAt'];
      if (spec.input === 'purchases') fillBaseAmount(draft, options.baseCurrency);
      // The draft has every field of its schema by construction: defaults first, required ones checked above.
      return { input: spec.input, event: draft } as unknown as InputEvent;
    },
  };
}

function nameOf(spec: EventSpec): string {
  const kind = spec.kind?.value;
  return typeof kind === 'string' ? kind : spec.input;
}

/** A row's own base amount comes first: a mapping may know the rate of the day. */
function fillBaseAmount(draft: Draft, baseCurrency: string | undefined): void {
  if (draft['amountBaseMinor'] !== null) return;
  draft['amountBaseMinor'] = baseAmountOf(Number(draft['amountMinor']), String(draft['currency']), baseCurrency);
}

/** The parts of an identity in one text; parts that could be confused are told apart by their length. */
export function identityOf(values: readonly (string | undefined)[]): string {
  return values.length === 1
    ? textOf(values[0] ?? '')
    : values.map((value) => `${(value ?? '').length}.${value ?? ''}`).join('/');
}
