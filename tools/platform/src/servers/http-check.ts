import { healthy, unhealthy, type Health } from './server.js';

/** Healthy if a GET answers 2xx within two seconds. */
export const httpCheck = async (url: string, headers: Record<string, string> = {}): Promise<Health> => {
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(2000) });
  await response.arrayBuffer();
  return response.ok ? healthy : unhealthy(`GET ${url} answered ${response.status}`);
};
