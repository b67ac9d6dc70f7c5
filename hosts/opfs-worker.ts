import type { MessageEnd } from "./opfs/messages.ts";
import { Service } from "./opfs/service.ts";

/**
 * Moves the bytes of a window that has the other end of this port, and of the stores that it opens with it as `worker`.
 * For a dedicated worker that has other things to do; its own global scope is served as soon as this is imported.
 */
export function serve(port: MessagePort): void {
	serveEnd(port);
}

function serveEnd(end: MessageEnd): void {
	new Service(end).start();
}

// In a window, anybody's frame could ask.
if ("DedicatedWorkerGlobalScope" in globalThis) {
	serveEnd(self);
}
