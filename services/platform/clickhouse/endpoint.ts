import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/**
 * Where the running owner of an analytics directory answers. The file is readable by its owner alone: it holds secrets.
 */
export interface Endpoint {
  readonly url: string;
  readonly pid: number;
  /** Secret of the name `owner`: everything. */
  readonly owner: string;
  /** Secret of the name `reader`: the views only. */
  readonly reader: string;
}

const SHAPE = z.object({ url: z.string(), pid: z.number(), owner: z.string(), reader: z.string() });

const fileIn = (directory: string): string => join(directory, 'endpoint.json');

/** Replaces the file as a whole, so that nobody reads half of it. */
export function writeEndpoint(directory: string, endpoint: Endpoint): void {
  mkdirSync(directory, { recursive: true });
  const next = `${fileIn(directory)}.${process.pid}`;
  writeFileSync(next, JSON.stringify(endpoint), { mode: 0o600 });
  renameSync(next, fileIn(directory));
}

export function removeEndpoint(directory: string): void {
  rmSync(fileIn(directory), { force: true });
}

/** The endpoint of a living owner; undefined when there is no file or its process is gone. */
export function readEndpoint(directory: string): Endpoint | undefined {
  let text: string;
  try {
    text = readFileSync(fileIn(directory), 'utf8');
  } catch {
    // No file, no owner: the ordinary state of a directory nobody runs.
    return undefined;
  }
  const parsed = SHAPE.safeParse(parseJson(text));
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : undefined;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A file of another program or another time is no endpoint.
    return undefined;
  }
}

/** Whether there is a process of this number. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it lives, under another name.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
