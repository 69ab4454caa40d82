/** What an administrator does to topics behind our back, by plain kafkajs. */
import { ConfigResourceTypes, Kafka, logLevel, type Admin } from 'kafkajs';

export async function administering(brokers: string, work: (admin: Admin) => Promise<unknown>): Promise<void> {
  const admin = new Kafka({ brokers: [brokers], logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

export async function setTopic(admin: Admin, topic: string, name: string, value: string): Promise<void> {
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries: [{ name, value }] }];
  await admin.alterConfigs({ validateOnly: false, resources });
}

/** As retention does: records below the offset are gone. */
export async function expire(admin: Admin, topic: string, partition: number, offset: number): Promise<void> {
  // Without this the client may not know the topic yet.
  await admin.fetchTopicOffsets(topic);
  await admin.deleteTopicRecords({ topic, partitions: [{ partition, offset: String(offset) }] });
}
