// Loaded by Node before a service that runs from the working tree (`--import`): its packages are those of the project.
import { join } from 'node:path';
import { usePackedPackages } from './packages.ts';

usePackedPackages(join(import.meta.dirname, '../../../node_modules'));
