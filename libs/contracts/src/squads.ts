/** Names of the squads of SomaStack, as folders of `schemas/`, owners and tags spell them. */
export const squads = [
  'memory-constitution',
  'slm-execution',
  'policy-orchestration',
  'identity-settings',
  'ui-experience',
  'infra-ops',
] as const;

/** Name of one squad. */
export type SquadName = (typeof squads)[number];

/** What people call each squad. */
export const squadTitles: Readonly<Record<SquadName, string>> = {
  'memory-constitution': 'Memory & Constitution',
  'slm-execution': 'SLM Execution',
  'policy-orchestration': 'Policy & Orchestration',
  'identity-settings': 'Identity & Settings',
  'ui-experience': 'UI & Experience',
  'infra-ops': 'Infra & Operations',
};

/** True if `name` is the name of a squad. */
export const isSquad = (name: unknown): name is SquadName => squads.some((squad) => squad === name);
