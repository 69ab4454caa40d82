/**
 * kafkajs asks each connection's queue every millisecond, for ever, whether something waits: 882 timers a second for an
 * idle connection, a tenth of a core for 200 of them. With this patch a timer exists only while requests wait.
 */
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import { requireKnownKafkajs } from './kafkajs-guard.ts';

const original = RequestQueue.prototype.scheduleCheckPendingRequests;

function scheduleWhenWaiting(this: RequestQueue): void {
  if (this.pending.length > 0) original.call(this);
}

/** Throws LOG_UNSUPPORTED instead of patching an unknown kafkajs. Doing it again does nothing. */
export function quietenQueues(): void {
  requireKnownKafkajs();
  RequestQueue.prototype.scheduleCheckPendingRequests = scheduleWhenWaiting;
}
