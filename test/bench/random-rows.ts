/** Events like those of the benchmark's file, made on the fly, for measurements that need them now. */
import { seededRandom, type Random } from '../../services/ingest/demo/random.ts';
import type { JobRow } from './job-records.ts';

const TYPES = { interaction: 75, purchase: 17, survey: 8 } as const;
const KINDS = { contact: 50, page_view: 35, feature_use: 15 } as const;
const CHANNELS = { phone: 40, chat: 35, email: 25 } as const;
const NO_FIELDS = { kind: '', channel: '', issueId: '', orderId: '', amount: '', currency: '', score: '' };

export class RandomRows {
  readonly #random: Random;
  readonly #customers: number;
  readonly #run: string;
  readonly #prefix: string;
  #count = 0;

  /** `prefix`: first letter of the ids of its customers. */
  constructor(seed: number, customers: number, run: string, prefix = 'c') {
    this.#random = seededRandom(seed, 'rows');
    this.#customers = customers;
    this.#run = run;
    this.#prefix = prefix;
  }

  /** `customer`: its number; drawn when it is not given. */
  next(at: number, customer = this.#random.below(this.#customers)): JobRow {
    const random = this.#random;
    const type = random.weighted(TYPES);
    const id = `${this.#run}-${++this.#count}`;
    const row = { ...NO_FIELDS, eventId: id, customerId: this.#prefix + String(customer).padStart(7, '0'), at, type };
    switch (type) {
      case 'interaction': {
        const kind = random.weighted(KINDS);
        const issueId = kind === 'contact' ? `i${random.below(1_000_000)}` : '';
        return { ...row, kind, channel: kind === 'contact' ? random.weighted(CHANNELS) : 'web', issueId };
      }
      case 'purchase':
        return { ...row, orderId: `o${id}`, amount: String(500 + random.below(40_000)), currency: 'EUR' };
      case 'survey': {
        const kind = random.chance(0.6) ? 'csat' : 'nps';
        return { ...row, kind, score: String(kind === 'csat' ? 1 + random.below(5) : random.below(11)) };
      }
    }
  }
}
