import type { Check } from './check.ts';

const MAJOR_TESTED = 26;

export const nodeVersionCheck: Check = {
  name: 'node',
  run: async () => {
    const { node } = process.versions;
    const place = `Node ${node} on ${process.platform} ${process.arch}`;
    if (Number(node.split('.')[0]) >= MAJOR_TESTED) return Promise.resolve({ level: 'ok', message: place });
    const fix = `Install Node ${MAJOR_TESTED}, with which every release is tested.`;
    return Promise.resolve({ level: 'warn', message: `${place} works, but is older than the tested one`, fix });
  },
};
