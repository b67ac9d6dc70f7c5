/** How many bytes one read asks for, where a file is read from one end to the other. */
export const SEQUENTIAL_READ_BYTES = 128 * 1024;

/** How many bytes of a file are in memory at a time while it is copied. */
export const COPY_BYTES = 1024 * 1024;
