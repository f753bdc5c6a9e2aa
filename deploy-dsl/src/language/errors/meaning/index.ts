/** Errors of what the file says: names that lead nowhere, clashes, and what no cluster could hold. */

export * from './capacity.ts';
export * from './contracts.ts';
export * from './events.ts';
export * from './names.ts';
export * from './ports.ts';
export * from './routes.ts';
export * from './settings.ts';
export * from './state.ts';
export * from './variables.ts';
export * from './versions.ts';
