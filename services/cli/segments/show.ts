/** `segments show`: a definition in words, with what it costs and what is said of it for people. */
import { stringify } from 'yaml';
import { conditionInWords } from '../../core/domain/language/sentence.ts';
import { reportOf } from '../../core/domain/language/report.ts';
import type { Output } from '../output.ts';
import { counted } from '../text.ts';
import type { CliContext } from '../verb.ts';
import { lookUp, rulesIn, type Found, type PlaceFound } from './look-up.ts';
import { reportLines } from './report-words.ts';
import { stabilityLines } from './stability-words.ts';

/** `files`: look there instead of at what is live. Throws NOT_FOUND with the nearest key. */
export async function showSegment(context: CliContext, key: string, files: string | undefined): Promise<void> {
  const found = await lookUp(context, key, files);
  if (found.kind === 'table') showTable(context.output, found);
  else showDefinition(context.output, key, found);
}

function showTable(output: Output, { table, place }: Extract<Found, { kind: 'table' }>): void {
  const { key, name, measure, about } = table;
  const cuts = Object.fromEntries([...table.cuts].map(([percentile, value]) => [percentile, value / 1000]));
  const lines = [
    `${output.paint.bold(name)} (table ${key}${placeInWords(place)})`,
    `of: ${measure}`,
    ...Object.entries(cuts).map(([percentile, value]) => `  ${percentile.padStart(5)} % lie at or below ${value}`),
    ...aboutLines(about),
  ];
  output.datum({ key, kind: 'table', ...versions(place), measure, cuts, about }, lines.join('\n'));
}

function showDefinition(output: Output, key: string, found: Exclude<Found, { kind: 'table' }>): void {
  const { definition, place } = found;
  const of = found.kind === 'member' ? found.member : definition;
  const report = reportOf(definition, place.others);
  const rules = rulesIn(found).map((rule) => {
    const { membership } = rule;
    const stay = membership === null ? null : membership.stay;
    return {
      key: rule.key,
      name: rule.name,
      enter: membership === null ? null : conditionInWords(membership.enter),
      stay: stay === null ? null : conditionInWords(stay),
      stability: membership === null ? [] : stabilityLines(membership),
    };
  });
  const lines = [`${output.paint.bold(of.name)} (${key}${placeInWords(place)})`];
  for (const rule of rules) {
    const indent = rules.length > 1 ? '    ' : '';
    if (rules.length > 1) lines.push('', `  ${output.paint.bold(rule.name)} (${rule.key})`);
    lines.push(`${indent}in it: ${rule.enter ?? 'whoever is in none of the others'}`);
    if (rule.stay !== null) lines.push(`${indent}stays: while ${rule.stay}`);
    lines.push(...rule.stability.map((line) => `${indent}${line}`));
  }
  if (found.kind === 'definition' && definition.kind === 'group') {
    const order = definition.members.map((member) => member.key).join(', ');
    lines.splice(1, 0, `exactly one of, best first: ${order}; default ${definition.default}`);
    if (definition.demoteAt !== null)
      lines.splice(2, 0, `moves down only at the beginning of a ${definition.demoteAt.unit}`);
  }
  lines.push('', ...reportLines(report));
  if (place.tests !== null) lines.push(`tests: ${counted(place.tests, 'case')}`);
  lines.push(...aboutLines(of.about));
  output.datum({ key, kind: definition.kind, ...versions(place), rules, report, definition: of }, lines.join('\n'));
}

function versions({ number, version, offset, file, tests }: PlaceFound) {
  return { number, version, offset, file, tests };
}

function placeInWords({ number, version, file }: PlaceFound): string {
  if (file !== null) return `, in ${file}`;
  return `${number === null ? '' : `, number ${number}`}, version ${version}`;
}

function aboutLines(about: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(about).length === 0 ? [] : ['', stringify(about).trimEnd()];
}
