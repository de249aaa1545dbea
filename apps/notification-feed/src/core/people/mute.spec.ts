import { mutes, muteId } from './mute.js';

const drill = { kind: 'drill.finished', source: 'chaos-coordinator', dedupeKey: 'drill/7' };
const none = { kind: null, source: null, dedupeKey: null };

it.each([
  [{ ...none, kind: 'drill.finished' }, true],
  [{ ...none, kind: 'drill.*' }, true],
  [{ ...none, kind: 'drill' }, false],
  [{ ...none, kind: 'dr.*' }, false],
  [{ ...none, kind: 'drill.finished.*' }, false],
  [{ ...drill, kind: 'drill.*' }, true],
  [{ ...drill, source: 'other' }, false],
  [{ ...none, dedupeKey: 'drill/8' }, false],
])('%j fits: %s', (matcher, fits) => {
  expect(mutes(matcher, drill)).toBe(fits);
});

it('has one id for one matcher, and another for another', () => {
  const ids = [
    drill,
    { ...drill, kind: null },
    { ...drill, source: null },
    { ...none, source: 'drill.finished' },
  ];
  expect(new Set([...ids, ...ids].map(muteId)).size).toBe(4);
});
