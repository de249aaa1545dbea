import { changedOrders } from '../../test/agreement.js';
import { checkFiles } from './check-files.js';
import { covers, personalHint } from './personal-data.js';

describe('personalHint', () => {
  it.each([
    ['user', 'user'],
    ['userId', 'user'],
    ['e_mail', 'mail'],
    ['contact_email', 'email'],
    ['phoneNumber', 'phone'],
    ['client_ip', 'ip'],
    ['firstName', 'first name'],
    ['billing-address', 'address'],
    ['date_of_birth', 'birth'],
  ])('sees the name %s', (name, word) => {
    expect(personalHint({ name })).toBe(`its name says “${word}”`);
  });

  it.each([
    ['Mail it by e-mail.', 'e-mail'],
    ['The IP address of the caller.', 'IP address'],
    ['Name of the customer.', 'Name of the customer'],
    ['The user who asked.', 'user'],
  ])('sees the doc %j', (doc, words) => {
    expect(personalHint({ name: 'x', doc })).toBe(`its doc says “${words}”`);
  });

  it.each(['squads', 'ship', 'name', 'service', 'recipe', 'topic_name', 'emailed'])(
    'lets %s pass',
    (name) => {
      expect(personalHint({ name, doc: 'Empty addresses all of them; users_total aside.' })).toBeUndefined();
    },
  );

  it('takes what lies inside a classified field for classified', () => {
    expect(covers(['buyer'], 'buyer.name')).toBe(true);
    expect(covers(['buyer'], 'buyers')).toBe(false);
  });
});

describe('classification', () => {
  const withField = (classification: string) =>
    checkFiles(
      changedOrders({
        yaml: (text) => text.replace('  personal: [buyer.name]\n', classification),
        avsc: (text) =>
          text.replace(
            '"fields": [\n',
            '"fields": [\n{ "name": "email", "type": "string", "doc": "Where to." },\n',
          ),
      }),
    ).problems.map(({ path, message, severity }) => ({ path, message, severity }));

  it('warns of a field that looks personal and is not classified, unless it was reviewed', () => {
    expect(withField('  personal: [buyer.name]\n')).toEqual([
      {
        path: 'classification.personal',
        severity: 'warning',
        message: 'the field email may hold personal data (its name says “email”) and is not classified',
      },
    ]);
    expect(withField('  personal: [buyer.name, email]\n')).toEqual([]);
    expect(withField('  personal: [buyer.name]\n  notPersonal: [email]\n')).toEqual([]);
  });

  it('refuses a path that is reviewed twice, both ways or not in the schema', () => {
    expect(withField('  personal: [email]\n  notPersonal: [email, mail, tenant, tenant]\n')).toEqual([
      {
        path: 'classification.notPersonal[0]',
        severity: 'error',
        message: 'email stands among the personal, too',
      },
      { path: 'classification.notPersonal[1]', severity: 'error', message: 'the schema has no field mail' },
      { path: 'classification.notPersonal[3]', severity: 'error', message: 'tenant stands here twice' },
    ]);
  });
});

describe('a deprecation', () => {
  const on = (today: string | undefined) =>
    checkFiles(
      changedOrders({
        yaml: (text) =>
          `${text}deprecated: { since: 2027-01-01, remove: 2027-06-30, note: Use orders.placed. }\n`,
      }),
      today === undefined ? {} : { today },
    ).problems.map(({ line, severity, message }) => `${line} ${severity}: ${message}`);

  it('is held against the day of the check', () => {
    expect(on(undefined)).toEqual([]);
    expect(on('2026-12-31')).toEqual([]);
    const used = [
      '19 warning: orders.created is deprecated since 2027-01-01 and goes on 2027-06-30, but still has the producers shop (ui-experience)',
      '21 warning: orders.created is deprecated since 2027-01-01 and goes on 2027-06-30, but still has the consumers ledger (identity-settings)',
    ];
    expect(on('2027-06-30')).toEqual(used);
    expect(on('2027-07-01')).toEqual([
      ...used,
      '22 warning: orders.created was to be removed on 2027-06-30, and today is 2027-07-01',
    ]);
  });
});
