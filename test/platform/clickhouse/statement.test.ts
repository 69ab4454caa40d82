import { describe, expect, it } from 'vitest';
import { Fault } from '../../../services/core/faults.ts';
import {
  assertReadable,
  bindParameters,
  parseStatement,
} from '../../../services/platform/clickhouse/gateway/statement.ts';
import { splitStatements } from '../../../services/platform/clickhouse/gateway/tokens.ts';

const bind = (sql: string, values: Record<string, string>): string =>
  bindParameters(sql, new Map(Object.entries(values)));
const readable = (sql: string): void => assertReadable(parseStatement(sql), sql, 'tributary');

describe('a statement', () => {
  it('is split at semicolons, but not at those in strings, quoted names, comments and heredocs', () => {
    const sql = "SELECT ';', `a;b` -- c;d\n; /* e;f */ SELECT $x$;$x$ ;;";
    expect(splitStatements(sql)).toEqual(["SELECT ';', `a;b` -- c;d", 'SELECT $x$;$x$']);
  });

  it('binds parameters as one literal each, whatever they hold', () => {
    expect(bind('SELECT {a:String}', { a: "O\\'Neil'; DROP TABLE x" })).toBe(
      "SELECT CAST('O\\'Neil\\'; DROP TABLE x', 'String')",
    );
    expect(bind('SELECT {a:String}', { a: 'two\\nlines\\\\' })).toBe("SELECT CAST('two\nlines\\\\', 'String')");
    expect(bind('SELECT {n:Nullable(UInt8)}', { n: '\\N' })).toBe("SELECT CAST(NULL, 'Nullable(UInt8)')");
    expect(bind('SELECT * FROM {t:Identifier}', { t: 'a`b' })).toBe('SELECT * FROM `a\\`b`');
  });

  it('leaves what only looks like a parameter alone', () => {
    const sql = "SELECT '{a:String}', map('k', 1), {'k': 1}['k'] -- {a:String}";
    expect(bind(sql, { a: 'x' })).toBe(sql);
  });

  it('reads the parts of an INSERT whose rows follow', () => {
    const sql =
      "INSERT INTO tributary.facts (a, b) SETTINGS async_insert=0, insert_deduplication_token='t|0:1-2' FORMAT TabSeparated";
    expect(parseStatement(sql)).toEqual({
      kind: 'insert',
      insert: {
        table: 'tributary.facts',
        columns: ['a', 'b'],
        settings: { async_insert: '0', insert_deduplication_token: 't|0:1-2' },
        format: 'TabSeparated',
      },
      rest: sql.length,
    });
    expect(parseStatement('INSERT INTO t SELECT 1').kind).toBe('command');
  });

  it('is one statement', () => {
    expect(() => parseStatement('SELECT 1; SELECT 2')).toThrow('one statement');
    expect(parseStatement('SELECT 1 ; ')).toEqual({ kind: 'read', sql: 'SELECT 1 ' });
  });

  it.each([
    'SELECT 1',
    'WITH 1 AS x SELECT x',
    'SHOW TABLES FROM tributary_v1',
    "SELECT 'file(1) INTO OUTFILE tributary.facts'",
    'SELECT file FROM v',
    'DESCRIBE TABLE tributary_v1.segments',
  ])('may be read: %s', (sql) => {
    expect(() => readable(sql)).not.toThrow();
  });

  it.each([
    'INSERT INTO t FORMAT TSV',
    'DROP TABLE t',
    'KILL QUERY WHERE 1',
    'SET readonly = 0',
    "SELECT 1 INTO OUTFILE '/tmp/x'",
    "SELECT 1 INTO/**/OUTFILE '/tmp/x'",
    "SELECT FILE('/etc/passwd')",
    "SELECT `file`('/etc/passwd')",
    "SELECT `\\x66ile`('/etc/passwd')",
    "SELECT 1 AS $a$, file('/etc/passwd')",
    "SELECT file -- c\n ('/etc/passwd')",
    "SELECT * FROM url('http://127.0.0.1')",
    'SELECT * FROM tributary.facts',
    'SELECT * FROM "tributary" . facts',
    "SELECT * FROM merge('tributary', '.*')",
  ])('is refused to readers: %s', (sql) => {
    expect(() => readable(sql)).toThrow(Fault);
  });
});
