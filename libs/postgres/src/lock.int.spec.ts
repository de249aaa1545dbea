import { platform, startRelay, uniqueName, waitFor } from '@soma/testing';
import { takeLock } from './lock.js';

const config = { SOMA_POSTGRES_URL: platform().postgresUrl };

describe('takeLock', () => {
  it('gives a name to one session at a time', async () => {
    const name = uniqueName('lock');
    const first = await takeLock(config, name);
    expect(first).toBeDefined();
    expect(await takeLock(config, name)).toBeUndefined();
    const other = await takeLock(config, `${name}-other`);
    expect(other).toBeDefined();
    await first?.release();
    const second = await waitFor(() => takeLock(config, name), { describe: 'the lock that was given back' });
    await Promise.all([second.release(), other?.release()]);
    expect(first?.lost.aborted).toBe(true);
  });

  it('waits for its turn, and stops waiting when told so', async () => {
    const name = uniqueName('lock');
    const first = await takeLock(config, name);
    const turn = takeLock(config, name, { wait: new AbortController().signal });
    const impatience = new AbortController();
    const impatient = takeLock(config, name, { wait: impatience.signal });
    impatience.abort();
    expect(await impatient).toBeUndefined();
    await first?.release();
    const second = await turn;
    expect(second?.lost.aborted).toBe(false);
    await second?.release();
  });

  it('tells its holder when the server is gone without a word, and lets the next one in', async () => {
    const name = uniqueName('lock');
    const relay = await startRelay(config.SOMA_POSTGRES_URL);
    const held = await takeLock({ SOMA_POSTGRES_URL: relay.url }, name);
    relay.freeze();
    await waitFor(() => Promise.resolve(held?.lost.aborted), { describe: 'the loss' });
    await relay.cut();
    const next = await waitFor(() => takeLock(config, name), { describe: 'the next holder' });
    await next.release();
    await relay.close();
  });
});
