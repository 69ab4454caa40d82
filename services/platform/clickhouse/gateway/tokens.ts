/**
 * ClickHouse SQL as tokens: just enough to know where a statement ends, what it begins with and where its parameters
 * are. Comments and white space make no tokens, so nobody can hide a keyword behind them or inside a string.
 */

type TokenKind = 'word' | 'quoted' | 'string' | 'number' | 'symbol' | 'parameter';

export interface Token {
  readonly kind: TokenKind;
  /** Half-open range in the statement's text. */
  readonly start: number;
  readonly end: number;
  /** Upper case for words, the unquoted name for quoted identifiers, else the text as written. */
  readonly text: string;
}

const WORD_START = /[A-Za-z_]/;
const WORD_PART = /[A-Za-z0-9_$]/;
const DIGIT = /[0-9]/;
const NUMBER_PART = /[A-Za-z0-9_.]/;
const PARAMETER = /\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*:\s*([^{}]+?)\s*\}/y;
const HEREDOC = /\$([A-Za-z0-9_]*)\$/y;

/** All tokens of a text that may hold several statements. An unfinished string or comment ends with the text. */
export function tokenize(sql: string): Token[] {
  const tokens: Token[] = [];
  let at = 0;
  while (at < sql.length) {
    const next = skipBlank(sql, at);
    if (next !== at) {
      at = next;
      continue;
    }
    const token = readToken(sql, at);
    tokens.push(token);
    at = token.end;
  }
  return tokens;
}

/** The position behind white space or one comment at `at`; `at` itself when there is neither. */
function skipBlank(sql: string, at: number): number {
  const character = sql[at]!;
  if (/\s/.test(character)) return at + 1;
  const lineComment = sql.startsWith('--', at) || sql.startsWith('# ', at) || sql.startsWith('#!', at);
  if (lineComment) return behind(sql, '\n', at);
  if (sql.startsWith('/*', at)) return behind(sql, '*/', at + 2);
  return at;
}

function behind(sql: string, mark: string, from: number): number {
  const found = sql.indexOf(mark, from);
  return found < 0 ? sql.length : found + mark.length;
}

function readToken(sql: string, start: number): Token {
  const character = sql[start]!;
  if (character === "'") return { kind: 'string', start, ...quoted(sql, start) };
  if (character === '`' || character === '"') return { kind: 'quoted', start, ...quoted(sql, start) };
  if (WORD_START.test(character)) {
    const end = endOf(sql, start, WORD_PART);
    return { kind: 'word', start, end, text: sql.slice(start, end).toUpperCase() };
  }
  if (DIGIT.test(character)) {
    const end = endOf(sql, start, NUMBER_PART);
    return { kind: 'number', start, end, text: sql.slice(start, end) };
  }
  if (character === '{') {
    PARAMETER.lastIndex = start;
    const match = PARAMETER.exec(sql);
    if (match !== null) return { kind: 'parameter', start, end: PARAMETER.lastIndex, text: match[0] };
  }
  if (character === '$') {
    HEREDOC.lastIndex = start;
    const match = HEREDOC.exec(sql);
    const close = match === null ? -1 : sql.indexOf(match[0], HEREDOC.lastIndex);
    // Without its end it is no heredoc to the engine either, and what follows must not be hidden from us.
    if (match !== null && close >= 0)
      return { kind: 'string', start, end: close + match[0].length, text: sql.slice(HEREDOC.lastIndex, close) };
  }
  return { kind: 'symbol', start, end: start + 1, text: character };
}

function endOf(sql: string, start: number, part: RegExp): number {
  let end = start + 1;
  while (end < sql.length && part.test(sql[end]!)) end += 1;
  return end;
}

/** Reads to the closing quote; a doubled quote or a backslash escapes. */
function quoted(sql: string, start: number): { end: number; text: string } {
  const quote = sql[start]!;
  let text = '';
  let at = start + 1;
  while (at < sql.length) {
    const character = sql[at]!;
    if (character === '\\') {
      text += sql[at + 1] ?? '';
      at += 2;
    } else if (character !== quote) {
      text += character;
      at += 1;
    } else if (sql[at + 1] === quote) {
      text += quote;
      at += 2;
    } else {
      return { end: at + 1, text };
    }
  }
  return { end: sql.length, text };
}

/** Cuts a text at the semicolons between statements; empty statements are left out. */
export function splitStatements(sql: string): string[] {
  const statements: string[] = [];
  let from: number | undefined;
  for (const token of tokenize(sql)) {
    if (token.text === ';' && token.kind === 'symbol') {
      if (from !== undefined) statements.push(sql.slice(from, token.start).trimEnd());
      from = undefined;
    } else {
      from ??= token.start;
    }
  }
  if (from !== undefined) statements.push(sql.slice(from).trimEnd());
  return statements;
}
