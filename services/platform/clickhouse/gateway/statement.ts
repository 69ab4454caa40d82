/**
 * What the gateway understands of a statement before the engine gets it: its kind, its parameters, and whether a
 * reader may run it.
 *
 * Parameters are bound here, as the server binds them: each `{name:Type}` becomes a cast of one string literal. The
 * engine's own binding is process-wide state, so two readers at once could get each other's values.
 */
import { Fault } from '../../../core/faults.ts';
import { tokenize, type Token } from './tokens.ts';

export type Statement =
  | { readonly kind: 'read'; readonly sql: string }
  /** Rows follow in the body, in the format named. */
  | { readonly kind: 'insert'; readonly insert: InsertStatement; readonly rest: number }
  /** Everything else: definitions, INSERT … SELECT, ALTER. */
  | { readonly kind: 'command'; readonly sql: string };

export interface InsertStatement {
  readonly table: string;
  readonly columns: readonly string[];
  readonly settings: Readonly<Record<string, string>>;
  readonly format: string;
}

const READS = new Set(['SELECT', 'WITH', 'SHOW', 'DESCRIBE', 'DESC', 'EXPLAIN', 'EXISTS', '(']);

/** Functions that reach outside of the analytics directory, or around the views. Compared in lower case. */
const FORBIDDEN_FUNCTIONS = new Set(
  (
    'file url s3 gcs s3cluster urlcluster filecluster azureblobstorage hdfs hdfscluster iceberg icebergs3 iceberglocal deltalake ' +
    'hudi mysql postgresql mongodb redis sqlite odbc jdbc remote remotesecure cluster clusterallreplicas executable input merge ' +
    'loop python dictionary mergetreeindex mergetreeprojection mergetreeanalyzeindexes timeseriesdata timeseriestags timeseriesmetrics ' +
    'ytsaurus arrowflight catboostevaluate'
  ).split(' '),
);

/** Reads what kind of statement this is. Throws QUERY_REFUSED when there is none, or more than one. */
export function parseStatement(sql: string): Statement {
  const tokens = tokenize(sql);
  const first = tokens[0];
  if (first === undefined) throw new Fault('QUERY_REFUSED', 'The statement is empty.');
  if (first.text === 'INSERT') {
    const insert = parseInsert(sql, tokens);
    if (insert !== undefined) return insert;
  }
  const single = withoutLastSemicolon(sql, tokens);
  return READS.has(first.text) ? { kind: 'read', sql: single } : { kind: 'command', sql: single };
}

function withoutLastSemicolon(sql: string, tokens: readonly Token[]): string {
  const at = tokens.findIndex((token) => token.kind === 'symbol' && token.text === ';');
  if (at < 0) return sql;
  if (at < tokens.length - 1) throw new Fault('QUERY_REFUSED', 'Only one statement at a time can be run.');
  return sql.slice(0, tokens[at]!.start);
}

/** `INSERT INTO [TABLE] name [(columns)] [SETTINGS …] FORMAT name`; undefined for every other INSERT. */
function parseInsert(sql: string, tokens: readonly Token[]): Statement | undefined {
  let at = 1;
  const peek = (): Token | undefined => tokens[at];
  const take = (text: string): boolean => {
    if (peek()?.text !== text) return false;
    at += 1;
    return true;
  };
  take('INTO');
  take('TABLE');
  let table = nameOf(sql, tokens[at++]);
  if (take('.')) table += `.${nameOf(sql, tokens[at++])}`;
  const columns: string[] = [];
  if (take('(')) {
    do columns.push(nameOf(sql, tokens[at++]));
    while (take(','));
    if (!take(')')) return undefined;
  }
  const settings: Record<string, string> = {};
  if (take('SETTINGS')) {
    do {
      const key = nameOf(sql, tokens[at++]);
      if (!take('=')) return undefined;
      const value = tokens[at++];
      if (value === undefined) return undefined;
      settings[key] = value.text;
    } while (take(','));
  }
  if (!take('FORMAT')) return undefined;
  const format = tokens[at];
  if (format === undefined) return undefined;
  const insert = { table, columns, settings, format: sql.slice(format.start, format.end) };
  return { kind: 'insert', insert, rest: format.end };
}

function nameOf(sql: string, token: Token | undefined): string {
  if (token === undefined) return '';
  return token.kind === 'quoted' ? token.text : sql.slice(token.start, token.end);
}

/**
 * Throws QUERY_REFUSED unless a reader may run the statement: one SELECT (or SHOW, DESCRIBE, EXPLAIN) over the views.
 * The engine's own read-only mode stands behind it; here is what that mode lets through.
 */
export function assertReadable(statement: Statement, sql: string, privateDatabase: string): void {
  if (statement.kind !== 'read')
    throw new Fault('QUERY_REFUSED', 'Only reading is possible here: SELECT, SHOW, DESCRIBE.');
  const tokens = tokenize(sql);
  tokens.forEach((token, index) => {
    const next = tokens[index + 1];
    const name = token.kind === 'word' ? token.text.toLowerCase() : token.text;
    if (token.kind === 'word' && token.text === 'INTO' && next?.text === 'OUTFILE')
      throw new Fault(
        'QUERY_REFUSED',
        'INTO OUTFILE is not possible here; redirect the output of the command instead.',
      );
    if (token.kind !== 'word' && token.kind !== 'quoted') return;
    // The engine knows more escapes than we do; a name that needs one could be another name than the one we see.
    if (token.kind === 'quoted' && sql.slice(token.start, token.end).includes('\\'))
      throw new Fault('QUERY_REFUSED', 'A quoted name with a backslash is not possible here.');
    if (next?.text === '(' && FORBIDDEN_FUNCTIONS.has(name.toLowerCase()))
      throw new Fault('QUERY_REFUSED', `The function ${name} reaches outside of the views and is not possible here.`);
    if (next?.text === '.' && name === privateDatabase.toLowerCase())
      throw new Fault(
        'QUERY_REFUSED',
        `The tables of ${privateDatabase} are private; read the views of ${privateDatabase}_v1.`,
      );
  });
}

/** Binds `{name:Type}`. `values` are in the escaped form of the wire. Throws QUERY_REFUSED for a missing value. */
export function bindParameters(sql: string, values: ReadonlyMap<string, string>): string {
  if (!sql.includes('{')) return sql;
  let bound = '';
  let copied = 0;
  for (const token of tokenize(sql)) {
    if (token.kind !== 'parameter') continue;
    const colon = token.text.indexOf(':');
    const name = token.text.slice(1, colon).trim();
    const type = token.text.slice(colon + 1, -1).trim();
    const value = values.get(name);
    if (value === undefined) {
      // A definition of a parameterised view keeps its parameters; the engine names what is missing elsewhere.
      continue;
    }
    bound += sql.slice(copied, token.start) + literal(name, type, value);
    copied = token.end;
  }
  return bound + sql.slice(copied);
}

function literal(name: string, type: string, escaped: string): string {
  if (type === 'Identifier') return '`' + unescapeWire(escaped).replaceAll(/[\\`]/g, '\\$&') + '`';
  if (/^Map\b/.test(type))
    throw new Fault('QUERY_REFUSED', `Parameter ${name}: maps cannot be bound by the embedded engine.`);
  if (escaped === '\\N') return `CAST(NULL, ${quote(type)})`;
  return `CAST(${quote(unescapeWire(escaped))}, ${quote(type)})`;
}

/** One SQL string literal. */
export function quote(text: string): string {
  return "'" + text.replaceAll(/[\\']/g, '\\$&') + "'";
}

const UNESCAPED: Readonly<Record<string, string>> = { n: '\n', t: '\t', r: '\r', b: '\b', f: '\f', '0': '\0' };

/** Undoes the escapes of TabSeparated, the form of parameter values on the wire. */
function unescapeWire(text: string): string {
  return text.replaceAll(/\\([\s\S])/g, (_, character: string) => UNESCAPED[character] ?? character);
}
