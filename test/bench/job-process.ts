/**
 * The job's own process on Kafka, so that its start and warm-up count and nothing else does. One member of the group per thread.
 * It tells its parent each partition that is through, and what it took when it is asked to stop.
 */
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';
import { openKafkaLog } from '../../services/platform/kafka/kafka-log.ts';
import { jobRecords, jobTopics, startJob } from './job-app.ts';
import { jobKafka, type JobProcessOptions, type Told } from './job-kafka.ts';

async function member(options: JobProcessOptions, tell: (told: Told) => void): Promise<() => Promise<void>> {
  const log = await openKafkaLog(jobKafka(options.brokers, options.prefix));
  const { prefix, lastInstant, records } = options;
  const job = await startJob(log, jobTopics(prefix), lastInstant, jobRecords(records), (live) => tell({ live }));
  job.failed.catch((error: unknown) => tell({ failed: String(error) }));
  return async () => {
    await job.stop();
    await log.close();
  };
}

/** A member in a thread of its own; stops when it is posted anything. */
function thread(options: JobProcessOptions, tell: (told: Told) => void): () => Promise<void> {
  const worker = new Worker(new URL(import.meta.url), { workerData: options });
  const ended = new Promise<void>((resolve) => worker.once('exit', () => resolve()));
  worker.on('message', tell);
  worker.on('error', (error) => tell({ failed: String(error) }));
  return async () => {
    worker.postMessage('stop');
    await ended;
  };
}

if (isMainThread) {
  const options = JSON.parse(process.argv[2]!) as JobProcessOptions;
  const tell = (told: Told): void => void process.send!(told);
  const members: (() => Promise<void>)[] = [];
  if (options.threads === 1) members.push(await member(options, tell));
  else for (let each = 0; each < options.threads; each++) members.push(thread(options, tell));
  process.once('message', () => {
    void Promise.all(members.map((stop) => stop())).then(() => {
      const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
      const cpuSeconds = (userCPUTime + systemCPUTime) / 1e6;
      tell({ wallSeconds: performance.now() / 1000, cpuSeconds, peakRssMb: Math.round(maxRSS / 1024) });
      process.disconnect!();
    });
  });
} else {
  const port = parentPort!;
  const stop = await member(workerData as JobProcessOptions, (told) => port.postMessage(told));
  port.once('message', () => void stop().then(() => port.close()));
}
