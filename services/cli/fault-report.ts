import { Fault } from '../core/faults.ts';
import { toJson, type Output } from './output.ts';

/** Tells a person (or, with `--json`, a program) what went wrong, where, and what to do next. */
export function reportFault(output: Output, error: unknown, verbose: boolean): void {
  if (output.json) output.talk(toJson({ error: asRecord(error, verbose) }));
  else if (error instanceof Fault) tellFault(output, error, verbose);
  else tellUnexpected(output, error, verbose);
}

function tellFault(output: Output, fault: Fault, verbose: boolean): void {
  const paint = output.talkPaint;
  const facts = Object.entries(fault.facts).filter(([, value]) => value !== undefined);
  output.talk(`${paint.red(paint.bold(`error ${fault.code}`))}: ${fault.message}`);
  for (const mistake of fault.mistakes) output.talk(`  - ${mistake}`);
  if (facts.length > 0) output.talk(paint.dim(`  ${facts.map(([key, value]) => `${key}=${value}`).join('  ')}`));
  for (const reason of causes(fault)) output.talk(paint.dim(`  because: ${reason}`));
  output.talk(`next: ${fault.next}`);
  if (verbose && fault.stack !== undefined) output.talk(paint.dim(fault.stack));
}

function tellUnexpected(output: Output, error: unknown, verbose: boolean): void {
  const paint = output.talkPaint;
  output.talk(`${paint.red(paint.bold('error'))}: ${messageOf(error)}`);
  for (const reason of causes(error)) output.talk(paint.dim(`  because: ${reason}`));
  if (verbose && error instanceof Error && error.stack !== undefined) output.talk(paint.dim(error.stack));
  else output.talk('next: This is not expected. Run it again with --verbose and report what it prints.');
}

function asRecord(error: unknown, verbose: boolean): Record<string, unknown> {
  const stack = verbose && error instanceof Error ? { stack: error.stack } : {};
  if (!(error instanceof Fault)) return { code: null, message: messageOf(error), causes: causes(error), ...stack };
  const { code, message, facts, mistakes, next } = error;
  return { code, message, facts, mistakes, causes: causes(error), next, ...stack };
}

function causes(error: unknown): readonly string[] {
  const found: string[] = [];
  for (let at = error; at instanceof Error && at.cause !== undefined && found.length < 5; at = at.cause) {
    found.push(messageOf(at.cause));
  }
  return found;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
