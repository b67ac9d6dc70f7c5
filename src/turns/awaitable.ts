/**
 * A value or a promise. Only a promise is awaited, so that a synchronous host costs no turn of the
 * event loop.
 */
export type Awaitable<T> = T | Promise<T>;
