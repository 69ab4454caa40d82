/** A directory of definition files for one test. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export class DefinitionDirectory {
  readonly path = mkdtempSync(join(tmpdir(), 'tributary-definitions-'));

  /** Returns the path of the file. */
  write(name: string, text: string): string {
    const file = join(this.path, name);
    writeFileSync(file, text);
    return file;
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
