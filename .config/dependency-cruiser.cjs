/** The arrows of the house: deployables -> platform -> core; see services/DESIGN.md. */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const only = (name, libraries, rooms) =>
  rule(
    name,
    `${libraries} stays behind a port, so it has one importer.`,
    { path: '^services/', pathNot: rooms },
    {
      path: `^node_modules/(${libraries})/`,
    },
  );

module.exports = {
  forbidden: [
    rule('no-cycles', 'Data flows one way.', {}, { circular: true }),
    rule(
      'core-is-core',
      'The core imports only itself and the schema validator.',
      { path: '^services/core/' },
      {
        pathNot: '^(services/core/|node_modules/zod/)',
      },
    ),
    rule(
      'domain-knows-no-machinery',
      'Segments do not know streams.',
      { path: '^services/core/domain/' },
      {
        path: '^services/core/(streams|oracle)/',
      },
    ),
    rule(
      'streams-know-no-segments',
      'The machinery does not know segments.',
      { path: '^services/core/streams/' },
      {
        path: '^services/core/(domain|oracle)/',
      },
    ),
    rule(
      'oracle-is-independent',
      'An oracle that shares code with what it judges proves nothing.',
      { path: '^services/core/oracle/' },
      { path: '^services/', pathNot: '^services/core/(oracle|faults|domain/(events|time|language))' },
    ),
    rule(
      'platform-below-deployables',
      'The platform implements ports; it knows no deployable.',
      { path: '^services/platform/' },
      {
        path: '^services/(?!platform/|core/)',
      },
    ),
    rule(
      'deployables-are-strangers',
      'Deployables meet on topics only.',
      { path: '^services/(ingest|segmenter|ledger|api|analyst)/' },
      { path: '^services/(ingest|segmenter|ledger|api|analyst|standalone|cli)/', pathNot: '^services/$1/' },
    ),
    rule(
      'nothing-imports-tests',
      'Tests mirror the house; nothing rests on them.',
      { path: '^services/' },
      { path: '^test/' },
    ),
    only('lmdb', 'lmdb', '^services/platform/embedded-log/'),
    only('chdb', 'chdb|@clickhouse', '^services/platform/clickhouse/'),
    only('pino', 'pino|prom-client', '^services/platform/telemetry/'),
    only('kafkajs', 'kafkajs', '^services/platform/kafka/'),
    only('registry-client', '@kafkajs', '^services/platform/registry/'),
    only('avsc', 'avsc', '^services/platform/registry/'),
    only('fastify', 'fastify', '^services/platform/http/'),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
