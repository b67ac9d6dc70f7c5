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
 * Moves the bytes of a window that has the other end of this port, and of the stores that it opens
 * with it as `worker`. Whoever has that end reads and changes the stores that are named, and no
 * other: what it asks for is checked here. For a dedicated worker that has other things to do; its
 * own global scope is served as soon as this is imported.
 *
 * @throws {TypeError} for a name that is none.
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

// In a window, anybody's frame could ask.
if ("DedicatedWorkerGlobalScope" in globalThis) {
	serveEnd(self);
}
