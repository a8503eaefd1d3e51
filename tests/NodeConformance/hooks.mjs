const shim = 'node:fs-with-glob';
const source = `
  import fs from 'node:fs';
  export * from 'node:fs';
  export default fs;
  export const globSync = fs.globSync ?? (() => []);
`;

export const resolve = (specifier, context, next) =>
  specifier === 'fs' && context.parentURL?.includes('conformance/dist')
    ? { url: shim, format: 'module', shortCircuit: true }
    : next(specifier, context);

export const load = (url, context, next) =>
  url === shim ? { source, format: 'module', shortCircuit: true } : next(url, context);
