import { afterAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../cli/run-cli.ts';
import { torture } from './rounds.ts';

const folder = temporaryFolder();
afterAll(() => folder.remove());

describe('kill -9 at random moments of running work', () => {
  it('loses nothing, doubles nothing and changes nothing, as far as verify, a subscriber and a sender can tell', async () => {
    const lines: string[] = [];
    const options = { rounds: 6, seed: 1, directory: folder.path, say: (line: string) => void lines.push(line) };
    const result = await torture(options);
    expect(result.failures, lines.join('\n')).toEqual([]);
    expect(result.hits).toBe(6);
    expect(lines.join('\n')).toContain('No difference.');
  }, 300_000);
});
