// The suite imports fs.globSync, which Node has from version 22 on; of what the tests call, nothing uses it.
import { register } from 'node:module';

register('./hooks.mjs', import.meta.url);
