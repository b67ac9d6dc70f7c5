import type { Script } from "./driven.ts";

/** Offers a script to the driver of the browser, from the window or the worker that it runs in. */
export function offer<Hello, Answer>(script: Script<Hello, Answer>): void {
	if (typeof document === "object") {
		globalThis.script = script;
		return;
	}
	self.onmessage = async ({ data }: MessageEvent<number>) => {
		self.postMessage(await script.ask(data));
	};
	self.postMessage(script.hello);
}
