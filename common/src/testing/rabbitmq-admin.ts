/** What tests ask of RabbitMQ's management API, as its first user. */
export async function askRabbitmq(
  management: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<unknown> {
  const response = await fetch(`${management}/api/${path}`, {
    method,
    headers: {
      authorization: `Basic ${Buffer.from('guest:guest').toString('base64')}`,
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} was answered with ${response.status}: ${text}`);
  return text === '' ? null : JSON.parse(text);
}

export async function rabbitmqAnswers(management: string): Promise<boolean> {
  try {
    await askRabbitmq(management, 'GET', 'whoami');
    await askRabbitmq(management, 'GET', 'aliveness-test/%2F');
    return true;
  } catch {
    return false;
  }
}
