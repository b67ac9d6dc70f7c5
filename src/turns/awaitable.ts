/**
 * What answers at once or with a promise. Only a promise is awaited, so that a host that answers at
 * once costs no turn of the event loop.
 */
export type Awaitable<T> = T | Promise<T>;
