import type { Check, Finding } from './check.ts';

export const configurationCheck: Check = {
  name: 'configuration',
  run: async ({ settings }) => {
    const set = settings.values.filter(({ origin }) => origin.kind !== 'default').length;
    const read: Finding = { level: 'ok', message: `valid, ${set} options set, file ${settings.file ?? 'none'}` };
    const notes = settings.notes.map((note): Finding => {
      return { level: 'warn', message: note, fix: 'Correct the name, or take the variable away.' };
    });
    return Promise.resolve([read, ...notes]);
  },
};
