/** The first line of every document of this project. */
export const promise =
  '> Nothing in this project is mocked or imitated: every server is real, every number was measured, every claim can be run.';
