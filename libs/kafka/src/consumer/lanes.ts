/** FNV-1a over the key's bytes (offset basis and prime of its 32-bit variant): cheap, and even enough for lanes. */
const hash = (key: Uint8Array): number => {
  let value = 0x811c9dc5;
  for (const byte of key) value = Math.imul(value ^ byte, 0x01000193);
  return value >>> 0;
};

/**
 * Spreads a batch over lanes that may run at the same time: records of one key share a lane and keep their
 * order there. Records without a key have no order to keep but that of the partition: they share lane 0.
 * Returns the indices of each lane, empty lanes left out.
 */
export const spread = (keys: readonly (Uint8Array | null | undefined)[], lanes: number): number[][] => {
  if (lanes <= 1) return keys.length > 0 ? [keys.map((_, index) => index)] : [];
  const buckets = Array.from({ length: lanes }, (): number[] => []);
  keys.forEach((key, index) => buckets[key ? hash(key) % lanes : 0]?.push(index));
  return buckets.filter((bucket) => bucket.length > 0);
};
