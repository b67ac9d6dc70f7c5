/**
 * W, in bytes: how much of one blob may be handed to the host and not yet be synced. A crash can
 * leave bytes half written only in the last W bytes of the file. So recovery need not look further,
 * however large the blob is. An append that would overflow W waits; a background sync, from half of
 * W on, keeps that rare.
 */
export const UNSYNCED_WINDOW = 8 * 1024 * 1024;
