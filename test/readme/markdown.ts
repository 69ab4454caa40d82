/** A page of Markdown as its tests read it: fenced blocks with what stands around them, and links. */

export interface Block {
  /** Of its first line, from 1. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
  /** Why it is not run; undefined for what is run. */
  readonly notRun: string | undefined;
}

const NOT_RUN = /^<!-- not run: (.+) -->$/;

export function blocksOf(page: string): readonly Block[] {
  const blocks: Block[] = [];
  const lines = page.split('\n');
  let before = '';
  for (let at = 0; at < lines.length; at++) {
    const language = /^```(\w+)$/.exec(lines[at]!)?.[1];
    if (language === undefined) {
      if (lines[at]!.trim() !== '') before = lines[at]!.trim();
      continue;
    }
    const end = lines.indexOf('```', at + 1);
    if (end < 0) throw new Error(`The block in line ${at + 1} has no end`);
    const text = lines.slice(at + 1, end).join('\n');
    blocks.push({ line: at + 2, language, text, notRun: NOT_RUN.exec(before)?.[1] });
    at = end;
    before = '';
  }
  return blocks;
}

/** Targets of links to files, without what leads out of the repository and without anchors. */
export function fileLinksOf(page: string): readonly string[] {
  const prose = page.replaceAll(/^```[\s\S]*?^```$/gm, '').replaceAll(/`[^`\n]*`/g, '');
  const targets = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target!);
  return targets.filter((target) => !/^(#|[a-z]+:)/.test(target)).map((target) => target.replace(/#.*$/, ''));
}

/**
 * The first expected line that the output does not have in its place, or undefined. `…` stands for anything, a line of
 * nothing else for any number of lines; runs of blanks are one blank.
 */
export function missingLine(expected: string, output: string): string | undefined {
  const said = output.split('\n').map(oneBlank);
  let from = 0;
  for (const line of expected.split('\n')) {
    const parts = oneBlank(line).split('…');
    if (parts.every((part) => part.trim() === '')) continue;
    const pattern = new RegExp(`^${parts.map((part) => RegExp.escape(part.trim())).join('.*')}$`);
    const found = said.findIndex((one, index) => index >= from && pattern.test(one));
    if (found < 0) return line;
    from = found + 1;
  }
  return undefined;
}

function oneBlank(line: string): string {
  return line.replaceAll(/\s+/g, ' ').trim();
}
