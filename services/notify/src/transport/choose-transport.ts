import { ConfigError, type Logger, type Secret } from '@tandem/common';
import { folderTransport } from './folder.ts';
import { smtpTransport } from './smtp.ts';
import type { Transport } from './transport.ts';

export interface TransportConfig {
  environment: string;
  smtpUrl?: Secret;
  volumeMails?: string;
}

/** Where mails go when the service is run alone, in its own folder. */
const FOLDER = 'mails';

/**
 * A mail server where there is one, else a folder. That has to be asked for, but on a developer's machine: elsewhere
 * mails that reach nobody would look as if they did.
 *
 * @throws ConfigError
 */
export function chooseTransport(config: TransportConfig, log: Logger): Transport {
  const { environment, smtpUrl, volumeMails } = config;
  if (smtpUrl !== undefined) {
    log.info('mails go to the server in SMTP_URL');
    return smtpTransport(smtpUrl);
  }
  const folder = volumeMails ?? (environment === 'local' ? FOLDER : undefined);
  if (folder === undefined) throw new ConfigError(['SMTP_URL or VOLUME_MAILS is required: where mails go']);
  log.warn({ folder }, 'there is no SMTP_URL: mails go into a folder, and to nobody');
  return folderTransport(folder);
}
