/** How many bytes one read requests when a file is read from end to end. */
export const SEQUENTIAL_READ_BYTES = 128 * 1024;

/** How many bytes of a file are in memory while it is copied. */
export const COPY_BYTES = 1024 * 1024;
