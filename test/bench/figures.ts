/** How measurements are shown: one aligned line each for a person, one line of JSON each for a program. */
export type Figures = Readonly<Record<string, string | number>>;

const SHORT_HEX = 12;

/** `name` and then each figure with its own name, in columns as wide as the widest of that name so far. */
export class FigureTable {
  readonly #widths = new Map<string, number>();

  line(name: string, figures: Figures): string {
    const cells = Object.entries(figures).map(([label, value]) => {
      const words = typeof value === 'number' ? inWords(value) : shortened(value);
      const width = Math.max(this.#widths.get(label) ?? 0, words.length);
      this.#widths.set(label, width);
      return `${label} ${words.padStart(width)}`;
    });
    return `${name.padEnd(8)}  ${cells.join('  ')}`;
  }
}

function inWords(value: number): string {
  if (Number.isNaN(value)) return '-';
  const digits = Number.isInteger(value) ? 0 : Math.abs(value) < 10 ? 2 : 1;
  return value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits });
}

/** The beginning of a digest is enough to compare by eye; JSON has all of it. */
function shortened(value: string): string {
  return /^[0-9a-f]{64}$/.test(value) ? `${value.slice(0, SHORT_HEX)}…` : value;
}
