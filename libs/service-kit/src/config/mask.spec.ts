import fc from 'fast-check';
import { maskValue } from './mask.js';

describe('maskValue', () => {
  it.each([
    ['SOMA_KAFKA_PASSWORD', 'hush', '(hidden)'],
    ['SIGNING_KEY', 'hush', '(hidden)'],
    ['SOMA_POSTGRES_URL', 'postgres://u:hush@h/d', 'postgres://u:***@h/d'],
    ['SOMA_POSTGRES_URL', 'postgres//u:hush@h/d', 'postgres//u:***@h/d'],
    ['SOMA_POSTGRES_URL', 'u:hush@h', 'u:***@h'],
    ['SOMA_AUTH_TOKENS_FILE', '/run/secrets/tokens.json', '/run/secrets/tokens.json'],
    ['SOMA_AUTH_TOKENS_FILE', 'hush', '(hidden)'],
    ['SOMA_HTTP_PORT', '80a', '80a'],
  ])('%s=%s is shown as %s', (variable, value, shown) => {
    expect(maskValue(variable, value)).toBe(shown);
  });

  it('never shows the password of anything like a URL', () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const password = fc.stringMatching(/^[A-Z0-9!$%^&*:@/?#=+-]{4,20}$/);
    const scheme = fc.constantFrom('postgres://', 'redis://', 'https://', 'postgres//', '');
    fc.assert(
      fc.property(scheme, word, password, word, (prefix, user, secret, host) => {
        expect(maskValue('SOMA_POSTGRES_URL', `${prefix}${user}:${secret}@${host}/db`)).not.toContain(secret);
      }),
    );
  });
});
