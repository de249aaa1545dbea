import { waitFor } from './wait-for.js';

describe('waitFor', () => {
  it('answers the first truthy result, and takes an exception for "not yet"', async () => {
    let asked = 0;
    const condition = (): string | undefined => {
      asked += 1;
      if (asked === 1) throw new Error('not yet');
      return asked > 2 ? 'there' : undefined;
    };
    expect(await waitFor(condition)).toBe('there');
  });

  it('says what it waited for and what it saw last', async () => {
    const never = waitFor(() => Promise.reject(new TypeError('still closed')), {
      timeoutMs: 60,
      describe: 'the door',
    });
    await expect(never).rejects.toThrow(
      'gave up waiting for the door after 60 ms; last seen: TypeError: still closed',
    );
  });
});
