export { freePort } from './free-port.ts';
export { type FuzzedRoute, fuzz } from './fuzz.ts';
export { collectLog, type LogLines } from './log-lines.ts';
export { startRedis, type TestRedis } from './redis-server.ts';
export { createTokenIssuer, type TokenIssuer } from './token-issuer.ts';
export { waitFor } from './wait-for.ts';
