/**
 * Verifies one partition: inputs, journal, changes, memberships and stored profiles against each other and against the
 * oracle. Owns nothing and changes nothing; reads the task's position first and leaves alone what came after it, so it may run
 * beside a running task. Memory: the partition's changes without their words, and its customers' events.
 *
 * What follows from the log alone is checked for every record; what needs the oracle is checked per customer, up to the
 * first transition that differs (one wrong step makes all later ones differ).
 */
import type { Fact } from '../domain/events/fact.ts';
import { INPUTS } from '../domain/events/header.ts';
import type { RuleSet } from '../domain/language/catalogue.ts';
import type { Difference, Differences } from './differences.ts';
import { CustomerOracle, type Expected } from './history.ts';
import type { PartitionReaders, Standing, TopicNames } from './readers.ts';
import { forcesOf, type Force } from './rules.ts';
import { compareNext, readChanges, rowText, type Changes, type Row } from './verify-changes.ts';
import { Journaled, verifyInputs, type InputCounts } from './verify-inputs.ts';

export interface VerifyOptions {
  readonly topics: TopicNames;
  /** Every rule set of the definitions topic, ascending. */
  readonly sets: readonly RuleSet[];
  /** Within which an equal event id is a duplicate (C1), ms. */
  readonly dedupWindowMs: number;
  /** Beyond which a late event is not folded (T5), ms. */
  readonly latenessMs: number;
  /** Called with the oracle of each customer where the partition stands, unless it went astray. */
  readonly settled?: (customerId: string, oracle: CustomerOracle) => void;
  /** Called now and then with the number of facts verified so far. */
  readonly progress?: (facts: number) => void;
}

export interface PartitionCounts extends InputCounts {
  facts: number;
  late: number;
  tooLate: number;
  changes: number;
  memberships: number;
  customers: number;
  profiles: number;
}

interface Customer {
  readonly oracle: CustomerOracle;
  /** Set at the first transition or stamp that differs: what comes after it says nothing. */
  astray: boolean;
}

export async function verifyPartition(
  readers: PartitionReaders,
  options: VerifyOptions,
  differences: Differences,
): Promise<PartitionCounts> {
  return new PartitionCheck(readers, options, differences).run();
}

class PartitionCheck {
  private readonly readers: PartitionReaders;
  private readonly options: VerifyOptions;
  private readonly differences: Differences;
  private readonly customers = new Map<string, Customer>();
  private readonly journaled: Journaled;
  private changes: Changes = { byCustomer: new Map(), count: 0 };
  private readonly forces: readonly Force[];
  private rulesOffset = -1;
  private facts = 0;
  private late = 0;
  private tooLate = 0;

  constructor(readers: PartitionReaders, options: VerifyOptions, differences: Differences) {
    this.readers = readers;
    this.options = options;
    this.differences = differences;
    this.journaled = new Journaled(options.dedupWindowMs);
    const { rulesHistory, rulesOffset } = readers.task;
    this.forces = forcesOf(options.sets, rulesHistory, rulesOffset);
  }

  async run(): Promise<PartitionCounts> {
    this.changes = await readChanges(this.readers, this.options.topics, this.differences);
    for await (const batch of this.readers.facts()) {
      for (const { offset, value } of batch) this.fact(offset, value);
      this.options.progress?.(this.facts);
    }
    for (const [customerId, customer] of this.customers) this.settle(customerId, customer);
    this.nameStrangers();
    const memberships = await this.memberships();
    const profiles = await this.profiles();
    const inputs = await verifyInputs(this.readers, this.options.topics, this.journaled, this.differences);
    const { facts, late, tooLate } = this;
    const customers = this.customers.size;
    return { ...inputs, facts, late, tooLate, changes: this.changes.count, memberships, customers, profiles };
  }

  private fact(offset: number, fact: Fact): void {
    if (fact.offset >= this.readers.task.positions[fact.input]) return;
    this.facts += 1;
    if (fact.late) this.late += 1;
    if (fact.tooLate) this.tooLate += 1;
    const problem = this.journaled.note(fact);
    if (problem !== undefined) {
      this.differ(
        problem,
        offset,
        fact.customerId,
        'one fact of this event',
        `a second one, of event ${fact.event.eventId}`,
      );
      if (problem === 'input-twice') return;
    }
    if (!this.rulesAreKnown(offset, fact)) return;
    const customer = this.customer(fact.customerId);
    const expected = customer.oracle.apply(fact, this.forcesFor(customer, fact.rulesOffset));
    if (!customer.astray) this.compareStamp(offset, fact, expected, customer);
  }

  private customer(customerId: string): Customer {
    let customer = this.customers.get(customerId);
    if (customer !== undefined) return customer;
    const told = this.changes.byCustomer.get(customerId);
    const oracle = new CustomerOracle(this.options.latenessMs, (transition) => {
      if (customer!.astray) return;
      const found = compareNext(transition, told, this.options.topics);
      if (found === undefined) return;
      customer!.astray = true;
      const kind = found.offset === null ? 'change-missing' : 'change-different';
      this.differ(kind, found.offset, customerId, found.expected, found.found, this.options.topics.changes);
    });
    customer = { oracle, astray: false };
    this.customers.set(customerId, customer);
    return customer;
  }

  private rulesAreKnown(offset: number, fact: Fact): boolean {
    const known = fact.rulesOffset === -1 || this.forces.some((force) => force.offset === fact.rulesOffset);
    if (known && fact.rulesOffset >= this.rulesOffset) {
      this.rulesOffset = fact.rulesOffset;
      return true;
    }
    const expected = known ? `rules of offset ${this.rulesOffset} or later` : 'a rule set of the definitions topic';
    this.differ('fact-rules', offset, fact.customerId, expected, `rules of offset ${fact.rulesOffset}`);
    return false;
  }

  private forcesFor(customer: Customer, through: number): readonly Force[] {
    const { rulesOffset } = customer.oracle;
    if (rulesOffset === through) return [];
    return this.forces.filter((force) => force.offset > rulesOffset && force.offset <= through);
  }

  private compareStamp(offset: number, fact: Fact, expected: Expected, customer: Customer): void {
    const wanted = stampText(expected);
    const found = stampText(fact);
    if (wanted === found) return;
    customer.astray = true;
    this.differ('fact-stamp', offset, fact.customerId, wanted, found);
  }

  /** After the last fact: what time and definitions brought since; then nothing may be left that the oracle has not told. */
  private settle(customerId: string, customer: Customer): void {
    const standing = this.readers.task.standing(customerId);
    if (standing === undefined) {
      customer.astray = true;
      this.differ('profile', null, customerId, 'a stored profile', 'nothing', this.options.topics.changelog);
      return;
    }
    customer.oracle.settle(standing.timersThrough, this.forcesFor(customer, standing.rulesOffset));
    if (customer.astray) return;
    this.options.settled?.(customerId, customer.oracle);
    const told = this.changes.byCustomer.get(customerId);
    const next = told?.rows[told.compared];
    if (next === undefined || this.isNewer(next, standing)) return;
    customer.astray = true;
    this.differ('change-unexpected', next.offset, customerId, 'nothing', rowText(next), this.options.topics.changes);
  }

  /** Changes of customers of whom the journal says nothing. */
  private nameStrangers(): void {
    const nowhere: Standing = { timersThrough: -Infinity, rulesOffset: -1 };
    for (const [customerId, told] of this.changes.byCustomer) {
      const first = told.rows[0]!;
      if (this.customers.has(customerId) || this.isNewer(first, nowhere)) continue;
      const found = rowText(first);
      const { changes } = this.options.topics;
      this.differ('change-unexpected', first.offset, customerId, 'a fact of this customer', found, changes);
    }
  }

  /** Whether a change was decided after the position that is verified. */
  private isNewer(row: Row, standing: Standing): boolean {
    const { inputs } = this.options.topics;
    const { clock, positions } = this.readers.task;
    const input = INPUTS.find((name) => inputs[name] === row.causeTopic);
    if (input !== undefined && row.causeOffset !== null) return row.causeOffset >= positions[input];
    if (row.decidedAt > clock || row.rulesOffset > standing.rulesOffset) return true;
    return row.cause === 'timer' && row.effectiveAt > standing.timersThrough && standing.timersThrough > -Infinity;
  }

  private async memberships(): Promise<number> {
    const last = new Map<string, { offset: number; seq: number; text: string }>();
    for await (const batch of this.readers.memberships()) {
      for (const { offset, value } of batch) {
        const { customerId, membership } = value;
        if (membership === null) last.delete(customerId);
        else {
          const text = membership.segments.map((held) => `${held.number} since ${held.enteredAt}`).join(', ');
          last.set(customerId, { offset, seq: membership.seq, text: `{${text}}` });
        }
      }
    }
    for (const [customerId, { oracle, astray }] of this.customers) {
      const found = last.get(customerId);
      if (astray || (oracle.seq === 0 && found === undefined)) continue;
      // Written after the position that is verified.
      if (found !== undefined && found.seq > oracle.seq) continue;
      const text = oracle
        .segments()
        .map((number) => `${number} since ${oracle.held.get(number)!}`)
        .join(', ');
      const expected = `seq ${oracle.seq} {${text}}`;
      const told = found === undefined ? 'nothing' : `seq ${found.seq} ${found.text}`;
      if (expected !== told) {
        this.differ('membership', found?.offset ?? null, customerId, expected, told, this.options.topics.memberships);
      }
    }
    return last.size;
  }

  private async profiles(): Promise<number> {
    if (this.readers.profiles === undefined) return 0;
    let count = 0;
    for await (const batch of this.readers.profiles()) {
      for (const snapshot of batch) {
        count += 1;
        const customer = this.customers.get(snapshot.customerId);
        if (customer === undefined || customer.astray) continue;
        const { oracle } = customer;
        const asOf = snapshot.asOf === null ? '-' : String(oracle.asOf);
        const expected = `seq ${oracle.seq}, as of ${asOf}, {${oracle.segments().join(' ')}}`;
        const found = `seq ${snapshot.seq}, as of ${snapshot.asOf ?? '-'}, {${snapshot.segments.join(' ')}}`;
        if (expected !== found)
          this.differ('profile', null, snapshot.customerId, expected, found, this.options.topics.changelog);
      }
    }
    return count;
  }

  private differ(
    kind: Difference['kind'],
    offset: number | null,
    customerId: string,
    expected: string,
    found: string,
    topic = this.options.topics.facts,
  ): void {
    this.differences.add({ kind, topic, partition: this.readers.partition, offset, customerId, expected, found });
  }
}

function stampText(stamp: Expected): string {
  const { asOf, late, seq, segments, entered, exited } = stamp;
  const sets = `{${segments.join(' ')}} + {${entered.join(' ')}} - {${exited.join(' ')}}`;
  return `as of ${asOf}, seq ${seq}, ${sets}${late ? ', late' : ''}`;
}
