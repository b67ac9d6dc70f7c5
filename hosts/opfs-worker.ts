import type { MessageEnd } from "./opfs/messages.ts";
import { Service } from "./opfs/service.ts";
import { checkName } from "./opfs/store-name.ts";

export interface ServeOptions {
	/**
	 * The names of the stores that the other end may open; without them it may open every store of
	 * the origin.
	 */
	readonly stores?: readonly string[];
}

/**
 * Moves the bytes of a window that has the other end of this port, for the stores that it opens
 * with it as `worker`. The other end reads and changes the named stores, and no other: its requests
 * are checked here. For a dedicated worker with other work; its own global scope is served as soon
 * as this is imported.
 *
 * @throws {TypeError} for an invalid name.
 */
export function serve(port: MessagePort, options: ServeOptions = {}): void {
	const { stores } = options;
	for (const name of stores ?? []) {
		checkName(name);
	}
	serveEnd(port, stores);
}

function serveEnd(end: MessageEnd, stores?: readonly string[]): void {
	new Service(end, stores).start();
}

// In a window, any frame could ask.
if ("DedicatedWorkerGlobalScope" in globalThis) {
	serveEnd(self);
}
