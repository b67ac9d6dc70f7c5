/**
 * W, in bytes: how much of one blob may be handed to the host and not yet be synced. Whatever a
 * crash can leave half written lies within the last W bytes of the file, so recovery need not look
 * further, however large the blob is. An append waits where it would overflow; a sync in the
 * background, from half of it on, keeps that rare.
 */
export const UNSYNCED_WINDOW = 8 * 1024 * 1024;
