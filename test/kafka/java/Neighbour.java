import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericDatumReader;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.generic.GenericRecordBuilder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;

/**
 * A Java program beside Tributary, knowing only what is public: topics, the registry, Confluent's framing.
 *
 *   produce BROKERS REGISTRY TOPIC CUSTOMERS   one purchase for each of so many customers; prints `customer partition`
 *   consume BROKERS REGISTRY TOPIC             all committed records there are; prints `key partition record` as JSON
 */
public class Neighbour {
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Map<Integer, Schema> SCHEMAS = new HashMap<>();

  public static void main(String[] words) throws Exception {
    if (words[0].equals("produce")) produce(words[1], words[2], words[3], Integer.parseInt(words[4]));
    else consume(words[1], words[2], words[3]);
  }

  private static void produce(String brokers, String registry, String topic, int customers) throws Exception {
    JsonNode latest = ask(registry + "/subjects/" + topic + "-value/versions/latest");
    Schema schema = new Schema.Parser().parse(latest.get("schema").asText());
    int id = latest.get("id").asInt();
    Properties properties = new Properties();
    properties.put("bootstrap.servers", brokers);
    properties.put("compression.type", "lz4");
    try (var producer = new KafkaProducer<>(properties, new StringSerializer(), new ByteArraySerializer())) {
      for (int index = 0; index < customers; index += 1) {
        String customer = "java-ü-" + index;
        long now = System.currentTimeMillis();
        GenericRecord purchase = new GenericRecordBuilder(schema)
          .set("eventId", "order-" + index)
          .set("source", "java")
          .set("occurredAt", now)
          .set("receivedAt", now)
          .set("customerId", customer)
          .set("amountMinor", 1999L)
          .set("currency", "USD")
          .build();
        var sent = producer.send(new ProducerRecord<>(topic, customer, framed(id, purchase))).get();
        System.out.println(JSON.writeValueAsString(Map.of("key", customer, "partition", sent.partition())));
      }
    }
  }

  private static void consume(String brokers, String registry, String topic) throws Exception {
    Properties properties = new Properties();
    properties.put("bootstrap.servers", brokers);
    properties.put("isolation.level", "read_committed");
    try (var consumer = new KafkaConsumer<>(properties, new StringDeserializer(), new ByteArrayDeserializer())) {
      List<TopicPartition> partitions = new ArrayList<>();
      consumer.partitionsFor(topic).forEach(each -> partitions.add(new TopicPartition(topic, each.partition())));
      consumer.assign(partitions);
      consumer.seekToBeginning(partitions);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(each -> consumer.position(each) < ends.get(each))) {
        for (ConsumerRecord<String, byte[]> record : consumer.poll(Duration.ofMillis(200))) {
          System.out.println(
            "{\"key\":" + JSON.writeValueAsString(record.key()) + ",\"partition\":" + record.partition() +
            ",\"value\":" + decoded(registry, record.value()) + "}");
        }
      }
    }
  }

  private static byte[] framed(int id, GenericRecord record) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    bytes.write(0);
    bytes.write(ByteBuffer.allocate(4).putInt(id).array());
    BinaryEncoder encoder = EncoderFactory.get().binaryEncoder(bytes, null);
    new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
    encoder.flush();
    return bytes.toByteArray();
  }

  private static GenericRecord decoded(String registry, byte[] value) throws Exception {
    int id = ByteBuffer.wrap(value, 1, 4).getInt();
    Schema schema = SCHEMAS.get(id);
    if (schema == null) {
      schema = new Schema.Parser().parse(ask(registry + "/schemas/ids/" + id).get("schema").asText());
      SCHEMAS.put(id, schema);
    }
    var decoder = DecoderFactory.get().binaryDecoder(value, 5, value.length - 5, null);
    return new GenericDatumReader<GenericRecord>(schema).read(null, decoder);
  }

  private static JsonNode ask(String url) throws Exception {
    HttpResponse<String> answer = HTTP.send(HttpRequest.newBuilder(URI.create(url)).build(), HttpResponse.BodyHandlers.ofString());
    if (answer.statusCode() != 200) throw new IllegalStateException(url + " answers " + answer.statusCode());
    return JSON.readTree(answer.body());
  }
}
