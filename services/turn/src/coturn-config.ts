import { isIPv4 } from 'node:net';
import { deniedPeers } from './peer-addresses.ts';
import type { Settings } from './settings.ts';

/**
 * coturn's configuration. Each line that is not about addresses and limits closes a way in: no TLS of its own (media are
 * encrypted between the ends), no TCP to peers, no command line, no database of users.
 *
 * @param port that it listens on, UDP and TCP
 * @param folder for the files that coturn wants to write
 */
export function coturnConfig(settings: Settings, port: number, folder: string): string {
  const { host: ip, publicAddress = ip } = settings;
  const allowed = settings.allowedPeers?.split(',') ?? [];
  return [
    `listening-ip=${ip}`,
    `relay-ip=${ip}`,
    // A name is for clients only: they see the address that media are relayed from.
    ...(publicAddress !== ip && isIPv4(publicAddress) ? [`external-ip=${publicAddress}/${ip}`] : []),
    `listening-port=${port}`,
    `min-port=${settings.portRelayFrom}`,
    `max-port=${settings.portRelayTo}`,
    'realm=tandem',
    'fingerprint',
    'use-auth-secret',
    `static-auth-secret=${settings.credentialKey.reveal()}`,
    `stale-nonce=${settings.credentialLifetimeS}`,
    `max-allocate-lifetime=${settings.credentialLifetimeS}`,
    `user-quota=${settings.allocationsPerUser}`,
    `total-quota=${settings.portRelayTo - settings.portRelayFrom + 1}`,
    `max-bps=${settings.bytesPerSecond}`,
    `bps-capacity=${settings.totalBytesPerSecond}`,
    'relay-threads=1',
    // Which of them may be is said by address below.
    ...(allowed.some((range) => range.startsWith('127.')) ? ['allow-loopback-peers'] : []),
    ...allowed.map((range) => `allowed-peer-ip=${range}`),
    ...deniedPeers.map((range) => `denied-peer-ip=${range}`),
    'no-multicast-peers',
    'no-tcp-relay',
    'no-tls',
    'no-dtls',
    'no-cli',
    'no-rfc5780',
    'no-stun-backward-compatibility',
    'no-software-attribute',
    'no-auth-pings',
    'no-dynamic-ip-list',
    'no-dynamic-realms',
    'log-file=stdout',
    'simple-log',
    `pidfile=${folder}/pid`,
    `userdb=${folder}/users`,
    '',
  ].join('\n');
}
