/** Numbers as people read them: money with two decimals, durations in words, everything else with at most three decimals. */
import { durationInWords } from '../time/duration.ts';

/** How the numbers of a field are to be read; its name says the unit. */
export type NumberForm = 'money' | 'duration' | 'plain';

export function formOfField(field: string): NumberForm {
  if (field.endsWith('Minor')) return 'money';
  return field.endsWith('Ms') ? 'duration' : 'plain';
}

/** A number in the units its threshold is written in: minor units, milliseconds, or the field's own. */
export function numberInForm(form: NumberForm, value: number): string {
  switch (form) {
    case 'money':
      return grouped((Math.round(value) / 100).toFixed(2));
    case 'duration':
      return durationInWords(Math.round(value));
    case 'plain':
      return grouped(String(Math.round(value * 1000) / 1000));
  }
}

/** 1234567.5 → 1,234,567.5; always with a point, whatever the machine's language. */
function grouped(digits: string): string {
  const [whole, fraction] = digits.split('.') as [string, string | undefined];
  const commas = whole.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
  return fraction === undefined ? commas : `${commas}.${fraction}`;
}
