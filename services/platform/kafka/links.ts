/** Who has which connections. A broker serves the requests of one connection one after the other, so a request that waits (a fetch, a join) has its own. */
import type { Versions } from 'kafkajs/src/network/connection.js';
import { logClosed } from '../log-port/faults.ts';
import { Link } from './link.ts';
import { addressOf, type Node } from './node.ts';
import type { KafkaLogOptions } from './options.ts';

/** All connections of one log. */
export class Links {
  readonly #options: KafkaLogOptions;
  readonly #versions = new Map<string, Versions>();
  readonly #open = new Set<Link>();
  #closed = false;

  constructor(options: KafkaLogOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Throws LOG_CLOSED. */
  open(node: Node): Link {
    if (this.#closed) throw logClosed();
    const link = new Link(node, this.#options, this.#versions, (ended) => this.#open.delete(ended));
    this.#open.add(link);
    return link;
  }

  close(): void {
    this.#closed = true;
    for (const link of [...this.#open]) link.close();
  }
}

/** One user's connections, one to each broker it talks to: what it sends to a broker arrives in order. */
export class OwnLinks {
  readonly #links: Links;
  readonly #byAddress = new Map<string, Link>();
  #closed = false;

  constructor(links: Links) {
    this.#links = links;
  }

  /** Throws LOG_CLOSED. */
  to(node: Node): Link {
    if (this.#closed) throw logClosed();
    const address = addressOf(node);
    const link = this.#byAddress.get(address) ?? this.#links.open(node);
    this.#byAddress.set(address, link);
    return link;
  }

  close(): void {
    this.#closed = true;
    for (const link of this.#byAddress.values()) link.close();
    this.#byAddress.clear();
  }
}

/** Connections for requests that wait: lent to one at a time, kept for the next. */
export class LinkPool {
  readonly #links: Links;
  readonly #idle = new Map<string, Link[]>();

  constructor(links: Links) {
    this.#links = links;
  }

  async lend<T>(node: Node, work: (link: Link) => Promise<T>): Promise<T> {
    const address = addressOf(node);
    const idle = this.#idle.get(address) ?? [];
    this.#idle.set(address, idle);
    const link = idle.pop() ?? this.#links.open(node);
    try {
      return await work(link);
    } finally {
      idle.push(link);
    }
  }
}
