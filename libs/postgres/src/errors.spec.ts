import { isConnectionLoss, PostgresUnavailable, sqlState, translate } from './errors.js';

const withCode = (code: string): Error => Object.assign(new Error('x'), { code });

describe('isConnectionLoss', () => {
  it.each(['ECONNREFUSED', 'ECONNRESET', '57P01', '57P03', '08006', '53300'])('%s is one', (code) => {
    expect(isConnectionLoss(withCode(code))).toBe(true);
  });

  it.each(['23505', '40001', '57014', '42P01'])('%s is a refusal', (code) => {
    expect(isConnectionLoss(withCode(code))).toBe(false);
  });

  it('looks into the errors of a host with several addresses', () => {
    expect(isConnectionLoss(new AggregateError([withCode('ECONNREFUSED')]))).toBe(true);
  });
});

it('translates a loss, with its cause, and leaves a refusal as it is', () => {
  const lost = withCode('ECONNREFUSED');
  expect(translate(lost)).toBeInstanceOf(PostgresUnavailable);
  expect(translate(lost)).toMatchObject({ code: 'POSTGRES_UNAVAILABLE', status: 503, cause: lost });
  const refused = withCode('23505');
  expect(translate(refused)).toBe(refused);
});

it('knows a SQLSTATE from the code of a system error', () => {
  expect(sqlState(withCode('23505'))).toBe('23505');
  expect(sqlState(withCode('ECONNREFUSED'))).toBeUndefined();
  expect(sqlState('23505')).toBeUndefined();
});
