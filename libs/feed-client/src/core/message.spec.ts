import { messageOf } from './message.js';

describe('messageOf', () => {
  it('reads a notification with the cursor behind it', () => {
    expect(messageOf({ id: 'e1.7', type: 'notification', data: '{"position":"7"}' })).toEqual({
      type: 'notification',
      cursor: 'e1.7',
      notification: { position: '7' },
    });
  });

  it('reads a gap, behind which the feed goes on at its id, or else at its end', () => {
    const gap = { from: 'e0.3', to: 'e1.0', reason: 'epoch' };
    const data = JSON.stringify(gap);
    expect(messageOf({ id: 'e1.1', type: 'gap', data })).toEqual({ type: 'gap', cursor: 'e1.1', gap });
    expect(messageOf({ id: undefined, type: 'gap', data })).toEqual({ type: 'gap', cursor: 'e1.0', gap });
  });

  it('takes from what it does not know, and from an id alone, the place', () => {
    for (const block of [
      { id: 'e1.8', type: 'message', data: undefined },
      { id: 'e1.8', type: 'presence', data: 'no JSON' },
    ])
      expect(messageOf(block)).toEqual({ type: 'place', cursor: 'e1.8' });
    expect(messageOf({ id: undefined, type: 'message', data: 'x' })).toEqual({ type: 'place', cursor: '' });
  });

  it('refuses what it could only lose: no JSON, no id', () => {
    const invalid = expect.objectContaining({ code: 'invalid-event', retriable: false }) as Error;
    expect(() => messageOf({ id: '1', type: 'notification', data: '{' })).toThrow(invalid);
    expect(() => messageOf({ id: undefined, type: 'notification', data: '{}' })).toThrow(invalid);
    expect(() => messageOf({ id: '1', type: 'gap', data: '' })).toThrow(invalid);
  });
});
