import { httpJson } from '@soma/testing';

/** Memory that a service has resident, as its metrics say. */
export const residentBytes = async (url: string): Promise<number> => {
  const { body } = await httpJson(`${url}/metrics`);
  const [, bytes] = /^process_resident_memory_bytes\{[^}]*\} (\S+)$/m.exec(String(body)) ?? [];
  if (bytes === undefined) throw new Error('the metrics do not tell the memory');
  return Number(bytes);
};
