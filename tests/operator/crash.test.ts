import { describe, expect, test } from 'vitest';
import { healthy, killOne } from '../support/instances.ts';
import { stack } from '../support/tandem.ts';

describe('an instance that is killed', () => {
  test('costs no idempotent request and is replaced', async () => {
    expect((await healthy('rooms')).length).toBeGreaterThan(1);
    const statuses = new Set<number>();
    let sent = 0;
    let over = false;
    const load = (async () => {
      while (!over) {
        statuses.add((await fetch(`${stack().edge}/api/rooms/openapi.json`)).status);
        sent++;
      }
    })();
    await (await killOne('rooms')).replaced();
    over = true;
    await load;
    expect(sent).toBeGreaterThan(10);
    expect([...statuses]).toEqual([200]);
  });
});
