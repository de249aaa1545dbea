import { httpJson } from '@soma/testing';
import type { KnownIds } from './requests.js';

/** What belongs to a squad, and is to stay as it is and unseen while others send requests. */
export interface Planted {
  readonly ids: KnownIds;
  /** Texts that are nobody else's. */
  readonly secrets: readonly string[];
  /** How it looks now. */
  look(): Promise<unknown>;
}

export interface PlantOptions {
  readonly url: string;
  /** Of the operator. */
  readonly token: string;
  readonly squad: string;
  /** Stands in all of it. */
  readonly marker: string;
  /** Where the squad's webhook leads. */
  readonly receiver: string;
}

/** Puts something of a squad behind every route that gives something away. */
export const plant = async ({ url, token, squad, marker, receiver }: PlantOptions): Promise<Planted> => {
  const call = async (path: string, body?: unknown) => {
    const answer = await httpJson(`${url}${path}`, { body, token });
    if (answer.status < 300) return answer.body as Record<string, unknown>;
    throw new Error(`${path} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
  };
  await call('/v1/notifications', {
    squads: [squad],
    kind: 'plan.made',
    title: `Title ${marker}`,
    body: `Body ${marker}`,
    metadata: { [marker]: marker },
  });
  const made = await call('/v1/tokens', { squads: [squad], scopes: ['feed:read'], note: marker });
  const hook = { squad, url: `${receiver}/${marker}`, description: marker };
  const { id, key } = (await call('/v1/webhooks', hook)) as { id: string; key: Record<string, string> };
  const delivery = await call(`/v1/webhooks/${id}/test`, {});
  return {
    ids: [[String(made['id'])], [id, key['id'] ?? ''], [id, String(delivery['id'])]],
    secrets: [marker, String(made['token']), key['secret'] ?? marker],
    look: async () => {
      const { tokens } = (await call('/v1/tokens?limit=500')) as {
        tokens: { id: string; revoked_at: string | null }[];
      };
      // It follows the feed, and its receiver may be slow; nothing else of it moves.
      const { position: _, failing_since: __, ...kept } = await call(`/v1/webhooks/${id}`);
      return { webhook: kept, revoked: tokens.find((one) => one.id === made['id'])?.revoked_at };
    },
  };
};
