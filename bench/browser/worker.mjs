// A worker that measures one contender, or has the store of one for a window.
import { measured } from "./measured.mjs";
import { serveStore } from "./stores/in-worker-store.mjs";

self.onmessage = async ({ data: { measure, serve } }) => {
	const { file, options, sizes } = measure ?? serve;
	try {
		const { load } = await import(`./stores/${file}.mjs`);
		if (serve !== undefined) {
			serveStore(await (await load(options))());
		} else {
			self.postMessage({ figures: await measured(() => load(options), sizes) });
		}
	} catch (error) {
		self.postMessage({ failure: `${error?.message ?? error}` });
	}
};
