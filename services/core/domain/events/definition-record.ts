/** What is published on the definitions topic, as it rests there; its body is the language's business. */

export type DefinitionKind = 'segment' | 'retire' | 'table' | 'coverage';

export interface DefinitionRecord {
  readonly kind: DefinitionKind;
  readonly key: string;
  /** Offset of the version this one was made from; refused when stale (D1). */
  readonly basedOn: number | null;
  readonly author: string | null;
  readonly reason: string | null;
  readonly publishedAt: number;
  /** When it comes into force (D2), ms UTC; null = the default after publication. */
  readonly effectiveFrom: number | null;
  /** Canonical JSON. */
  readonly body: string;
}
