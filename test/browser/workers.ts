/** A worker that moves bytes and does nothing else. */
export function startWorker(): Worker {
	return new Worker("/opfs-worker.js", { type: "module" });
}

/** A worker whose script is given as text. */
export function startInline(script: string): Worker {
	const blob = new Blob([script], { type: "text/javascript" });
	return new Worker(URL.createObjectURL(blob), { type: "module" });
}

/**
 * A worker that has work of its own: it sends back what it is sent, and serves from when it is told to: whoever has it,
 * or a port.
 */
export function startBusy(): Worker {
	return startInline(`onmessage = async ({ data }) => {
		if (data.echo !== undefined) {
			postMessage({ echo: data.echo });
		} else if (data.serve !== undefined) {
			const { serve } = await import("${location.origin}/opfs-worker.js");
			if (data.serve !== "all") {
				serve(data.serve, { stores: data.stores });
			}
		}
	}`);
}

/** Resolves when a busy worker has done what it was sent before. */
export function echo(worker: Worker, text: string): Promise<void> {
	return new Promise((resolve) => {
		worker.addEventListener("message", ({ data }) => {
			if (data.echo === text) {
				resolve();
			}
		});
		worker.postMessage({ echo: text });
	});
}
