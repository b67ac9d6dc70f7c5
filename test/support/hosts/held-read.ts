import type { InterceptedHost } from "./intercepted-host.ts";

export interface HeldRead {
	/** Resolves when the host has read the bytes, and holds them. */
	readonly begun: Promise<void>;
	release(): void;
}

/** The next read of the host returns its bytes only when it is released. */
export function holdNextRead(host: InterceptedHost): HeldRead {
	let release = () => {};
	const released = new Promise<void>((resolve) => {
		release = resolve;
	});
	const begun = new Promise<void>((resolve) => {
		host.hooks.read = async (_path, call) => {
			host.hooks = {};
			const count = await call();
			resolve();
			await released;
			return count;
		};
	});
	return { begun, release: () => release() };
}
