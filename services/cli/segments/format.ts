/**
 * Definition files in one form: entries in one order, two spaces, documents apart. Comments stay with what they stand before, and
 * flow and block style as somebody chose them. Formatting twice changes nothing more.
 */
import { isMap, isScalar, parseAllDocuments, visit, type Document, type Pair, type YAMLMap, type YAMLSeq } from 'yaml';

const PEOPLE = [
  ...['goal', 'owner', 'targetMetric', 'behaviourWanted', 'treatment', 'reviewAfter', 'sectors', 'protectedTraits'],
  'guide',
];
const RULES = ['enter', 'stay', 'confirm', 'grace', 'minStay', 'maxStay', 'cooldown', 'unknown'];
const LISTS = ['include', 'exclude', 'consent'];
/** Of a document: what it is, how it is decided, what it is for, what shows that it is right. */
const ORDER = [
  ...['key', 'group', 'table', 'name', 'measure', 'cuts', 'order', 'default', 'demoteAt', 'zone'],
  ...[...RULES, ...LISTS, 'members', ...PEOPLE, 'tests'],
];
const MEMBER_ORDER = ['name', ...RULES, ...LISTS, ...PEOPLE];

/** Columns; flow collections that do not fit are broken. */
const WIDTH = 120;

/** The same definitions in the form they are kept in. `text` is YAML without mistakes of syntax; else it is given back as it is. */
export function formatYaml(text: string): string {
  const documents = parseAllDocuments(text);
  if (!Array.isArray(documents) || documents.some(({ errors }) => errors.length > 0)) return text;
  return `${documents.map((document) => formatted(document)).join('\n---\n')}\n`;
}

function formatted(document: Document.Parsed): string {
  const { contents } = document;
  if (isMap(contents)) {
    ordered(contents, ORDER);
    const members = contents.get('members');
    if (isMap(members)) for (const { value } of members.items) if (isMap(value)) ordered(value, MEMBER_ORDER);
  }
  visit(document, { Collection: (_, collection) => padded(collection) });
  document.directives.docStart = null;
  document.directives.docEnd = false;
  return document
    .toString({ indent: 2, lineWidth: WIDTH, trailingComma: true })
    .replace(/^---\n/, '')
    .trim();
}

/** Names that are in no order stay behind the others as they stand. */
function ordered(map: YAMLMap, order: readonly string[]): void {
  const place = ({ key }: Pair): number => {
    const at = isScalar(key) ? order.indexOf(String(key.value)) : -1;
    return at < 0 ? order.length : at;
  };
  const [first] = map.items;
  map.items.sort((a, b) => place(a) - place(b));
  // What stands before the first entry is said of the whole; it stays at the head when another entry comes first.
  const [head] = map.items;
  if (first === undefined || head === undefined || head === first) return;
  if (!isScalar(first.key) || !isScalar(head.key)) return;
  const above = [first.key.commentBefore, head.key.commentBefore].filter((comment) => comment);
  if (above.length > 0) head.key.commentBefore = above.join('\n');
  first.key.commentBefore = null;
}

/**
 * `{ a: 1 }` and `[a, b]`: entries stand apart from their braces, values do not from their brackets. What stands further to the right
 * has less room.
 */
function padded(collection: YAMLMap | YAMLSeq): void {
  const write = collection.toString.bind(collection);
  collection.toString = (context, ...hooks) => {
    if (context === undefined) return write();
    // The library counts two columns for what stands between entries, where it is one.
    const between = collection.items.length - 1;
    const room = { ...context.options, lineWidth: WIDTH - context.indent.length + between };
    const flow = collection.flow === true || context.inFlow === true;
    return write(
      { ...context, options: flow ? room : context.options, flowCollectionPadding: isMap(collection) ? ' ' : '' },
      ...hooks,
    );
  };
}
