import { add, closingLine, jestCounts, none } from './counts.js';

describe('counts', () => {
  it('counts a file that cannot be run as a failure', () => {
    const report = {
      numPassedTests: 3,
      numFailedTests: 1,
      numPendingTests: 2,
      numTodoTests: 1,
      numRuntimeErrorTestSuites: 1,
    };
    expect(jestCounts(report)).toEqual({ passed: 3, failed: 2, skipped: 3 });
  });

  it('sums suites and closes with one line', () => {
    const sum = [
      { passed: 1, failed: 0, skipped: 2 },
      { passed: 4, failed: 3, skipped: 0 },
    ].reduce(add, none);
    expect(closingLine(sum)).toBe('5 passed, 3 failed, 2 skipped');
  });
});
