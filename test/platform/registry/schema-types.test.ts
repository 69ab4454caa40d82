import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { FIELDS, type FieldSpec } from '../../../services/core/domain/events/fields.ts';
import { PII_CLASSES } from '../../../services/core/domain/events/header.ts';
import { packagePath } from '../../../services/platform/config/package-root.ts';
import { RECORD_NAMES, schemaOf, type RecordName } from '../../../services/platform/registry/record-schemas.ts';
import { isArray, isEnum, isMap, isRecord, isUnion } from '../../../services/platform/registry/schema.ts';
import type { AvroSchema, FieldSchema, NamedSchema } from '../../../services/platform/registry/schema.ts';
import { namedTypes, normalForm } from '../../../services/platform/registry/schema-form.ts';

/** A type as text, in one form for TypeScript and Avro. */
type Shape = string;

const NUMBERS = ['int', 'long', 'float', 'double'];

function shapeOfSchema(schema: AvroSchema, names: ReadonlyMap<string, NamedSchema>): Shape {
  if (typeof schema === 'string') {
    const named = names.get(schema);
    if (named !== undefined) return shapeOfSchema(named, names);
    return NUMBERS.includes(schema) ? 'number' : schema;
  }
  if (isUnion(schema)) return either(schema.map((branch) => shapeOfSchema(branch, names)));
  if (isRecord(schema)) {
    return `{${schema.fields.map(({ name, type }) => `${name}: ${shapeOfSchema(type, names)}`).join('; ')}}`;
  }
  if (isEnum(schema)) return either(schema.symbols.map((symbol) => `'${symbol}'`));
  if (isArray(schema)) return `${shapeOfSchema(schema.items, names)}[]`;
  if (isMap(schema)) return `Map<${shapeOfSchema(schema.values, names)}>`;
  return shapeOfSchema(schema.type, names);
}

function shapeOfType(type: ts.Type, checker: ts.TypeChecker): Shape {
  if (type.flags & ts.TypeFlags.Boolean) return 'boolean';
  if (type.flags & ts.TypeFlags.BooleanLiteral) return 'boolean';
  if (type.isUnion()) return either(type.types.map((each) => shapeOfType(each, checker)));
  if (type.isStringLiteral()) return `'${type.value}'`;
  if (type.flags & (ts.TypeFlags.String | ts.TypeFlags.Number | ts.TypeFlags.Null)) return checker.typeToString(type);
  if (checker.isArrayType(type)) {
    return `${shapeOfType(checker.getTypeArguments(type as ts.TypeReference)[0]!, checker)}[]`;
  }
  const entries = type.getStringIndexType();
  if (entries !== undefined) return `Map<${shapeOfType(entries, checker)}>`;
  const fields = checker.getPropertiesOfType(type);
  return `{${fields.map((field) => `${field.name}: ${shapeOfType(checker.getTypeOfSymbol(field), checker)}`).join('; ')}}`;
}

function either(shapes: readonly Shape[]): Shape {
  return [...new Set(shapes)].sort().join(' | ');
}

/** Field order is the schema's business: a TypeScript type lists inherited fields last. */
function unordered(shape: Shape): string {
  return shape.replaceAll(/\{([^{}]*)\}/g, (_, fields: string) => `(${fields.split('; ').sort().join(', ')})`);
}

function settled(shape: Shape): string {
  for (let current = shape; ;) {
    const next = unordered(current);
    if (next === current) return current;
    current = next;
  }
}

function recordTypes(): ReadonlyMap<string, Shape> {
  const file = packagePath('services', 'platform', 'registry', 'record-schemas.ts');
  const program = ts.createProgram([file], {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    allowImportingTsExtensions: true,
  });
  const checker = program.getTypeChecker();
  const source = program.getSourceFile(file)!;
  const table = source.statements.filter(ts.isInterfaceDeclaration).find(({ name }) => name.text === 'RecordTypes')!;
  const records = checker.getPropertiesOfType(checker.getTypeAtLocation(table));
  return new Map(records.map((each) => [each.name, shapeOfType(checker.getTypeOfSymbol(each), checker)]));
}

describe('schemas and types', () => {
  const types = recordTypes();

  it.each(RECORD_NAMES.filter((name) => name !== 'fact'))('say the same of every field of %s', (name) => {
    const schema = normalForm(schemaOf(name));
    expect(settled(types.get(name)!)).toBe(settled(shapeOfSchema(schema, namedTypes(schema))));
  });

  it('say the same of a fact, whose type goes with its input', () => {
    const schema = normalForm(schemaOf('fact'));
    const whole = shapeOfSchema(schema, namedTypes(schema));
    const events = (['interaction', 'purchase', 'survey', 'profile', 'identity'] as const).map((name) => {
      const event = normalForm(schemaOf(name));
      return shapeOfSchema(event, namedTypes(event));
    });
    const inputs = ["'interactions'", "'purchases'", "'surveys'", "'profiles'", "'identities'"];
    const perInput = events.map((event, index) =>
      whole.replace(either(events), event).replace(either(inputs), inputs[index]!),
    );
    expect(types.get('fact')!.split(' | {').length).toBeGreaterThan(4);
    const alternatives = perInput.map(settled).sort();
    expect(alternativesOf(settled(types.get('fact')!))).toEqual(alternatives);
  });
});

/** The alternatives of a settled union of records: parentheses balance within each. */
function alternativesOf(shape: string): readonly string[] {
  const found: string[] = [];
  let depth = 0;
  let start = 0;
  for (let index = 0; index < shape.length; index += 1) {
    if (shape[index] === '(') depth += 1;
    if (shape[index] === ')') depth -= 1;
    if (depth > 0 || shape[index] !== '|') continue;
    found.push(shape.slice(start, index).trim());
    start = index + 1;
  }
  return [...found, shape.slice(start).trim()].sort();
}

/** Fields that no rule reads, with the reason. */
const UNREADABLE: Readonly<Record<string, string>> = {
  eventId: 'identifies the event',
  importId: 'says how it came',
  occurredAt: 'windows say when',
  receivedAt: 'windows say when',
  customerId: 'is whom the rule is about',
  text: 'is free text',
  products: 'is read through productIds and categories',
  scaleMin: 'is applied to the score',
  scaleMax: 'is applied to the score',
  lowerIsBetter: 'is applied to the score',
  properties: 'is read as properties.<name>',
};

function leaves(
  fields: readonly FieldSchema[],
  names: ReadonlyMap<string, NamedSchema>,
  prefix = '',
): [string, FieldSpec][] {
  return fields.flatMap((field): [string, FieldSpec][] => {
    const inner = resolved(withoutNull(field.type), names);
    if (isRecord(inner)) return leaves(inner.fields, names, `${prefix}${field.name}.`);
    return [[`${prefix}${field.name}`, specOf(field, inner)]];
  });
}

function withoutNull(schema: AvroSchema): AvroSchema {
  return isUnion(schema) && schema.length === 2 && schema[0] === 'null' ? schema[1]! : schema;
}

function resolved(schema: AvroSchema, names: ReadonlyMap<string, NamedSchema>): AvroSchema {
  return typeof schema === 'string' ? (names.get(schema) ?? schema) : schema;
}

function specOf(field: FieldSchema, schema: AvroSchema): FieldSpec {
  const pii = field.pii === undefined ? {} : { pii: field.pii as NonNullable<FieldSpec['pii']> };
  const spec = (type: FieldSpec['type'], more = {}): FieldSpec => ({ type, label: '', ...pii, ...more });
  if (isEnum(schema)) return spec('enum', { symbols: schema.symbols });
  if (isArray(schema)) return spec('set');
  if (typeof schema === 'object') return spec('instant');
  if (schema === 'double') return spec('decimal');
  return spec(schema === 'int' || schema === 'long' ? 'integer' : (schema as 'string' | 'boolean'));
}

describe('dictionary of fields', () => {
  it.each(['interaction', 'purchase', 'survey'] as const)('lists every field of %s that rules may read', (name) => {
    const schema = normalForm(schemaOf(name));
    const record = isRecord(schema) ? schema : undefined;
    const all = leaves(record!.fields, namedTypes(schema));
    const readable = all.filter(([path]) => !(path in UNREADABLE)).map(([path, spec]) => [path, spec]);
    const dictionary = Object.entries(FIELDS[name]).map(([path, spec]) => [path, { ...spec, label: '' }]);
    expect(Object.fromEntries(dictionary)).toEqual(Object.fromEntries(readable));
  });

  it('lets no direct identifier and no free text through', () => {
    const classes = Object.values(FIELDS).flatMap((fields) => Object.values(fields).map(({ pii }) => pii));
    expect(classes).not.toContain('D');
    expect(classes).not.toContain('F');
  });

  it('has a label for every field', () => {
    for (const fields of Object.values(FIELDS)) {
      for (const { label } of Object.values(fields)) expect(label).toMatch(/^\S.*\S$/);
    }
  });
});

describe('schemas', () => {
  it.each(RECORD_NAMES)('document every field of %s and know its class of personal data', (name: RecordName) => {
    const types = [...namedTypes(withDocs(name)).values()];
    for (const type of types.filter(isRecord)) {
      expect(type.doc, type.name).toMatch(/\S/);
      for (const field of type.fields) {
        expect(field.doc, `${type.name}.${field.name}`).toMatch(/\S/);
        if (field.pii !== undefined) expect(PII_CLASSES).toContain(field.pii);
      }
    }
  });

  it.each(RECORD_NAMES)('give every optional field of %s a default and every enum a default symbol', (name) => {
    for (const type of namedTypes(withDocs(name)).values()) {
      if (isEnum(type)) expect(type.symbols).toContain(type.default);
      if (!isRecord(type)) continue;
      for (const field of type.fields) {
        const optional = isUnion(field.type) ? field.type.includes('null') : isArray(field.type) || isMap(field.type);
        if (optional) expect(field.default, `${type.name}.${field.name}`).toBeDefined();
      }
    }
  });
});

function withDocs(name: RecordName): AvroSchema {
  return schemaOf(name);
}
