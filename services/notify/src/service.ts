import { defineService, noKeys, SecretText, Type } from '@tandem/common';
import { handlers } from './events.ts';
import { createMailer } from './mailer.ts';
import { createStore } from './store.ts';
import { chooseTransport } from './transport/choose-transport.ts';

export const notify = defineService({
  name: 'notify',
  description: 'Writes mails about what happened to the people whom it concerns.',
  redis: true,
  config: {
    smtpUrl: Type.Optional(SecretText({ pattern: '^smtps?://' })),
    volumeMails: Type.Optional(
      Type.String({ description: 'Folder for mails where there is no SMTP server' }),
    ),
    mailFrom: Type.String({ format: 'email', maxLength: 254, description: 'Address of the sender' }),
    publicUrl: Type.String({ pattern: '^https?://[^\\s/?#]+$', default: 'http://127.0.0.1:8080' }),
  },
  tokenKeys: noKeys,
  consumes: ({ redis, config, log }) =>
    handlers(
      createMailer(chooseTransport(config, log), config.mailFrom),
      createStore(redis),
      config.publicUrl,
    ),
  routes() {},
});
