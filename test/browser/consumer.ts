// A page that uses the installed package. package.test.ts compiles and bundles it.
import { openStorage } from "dualslot/opfs";

declare global {
	/** Keeps a text and reads it back, over the page's own worker or over one from that script. */
	var keep: (text: string, script?: string) => Promise<string>;
}

globalThis.keep = async (text, script) => {
	const worker = script && new Worker(script, { type: "module" });
	await using storage = await openStorage(
		"app/store",
		worker ? { worker } : {},
	);
	const blob = await storage.open("partition", "name");
	await blob.writeSync(0, new TextEncoder().encode(text));
	return new TextDecoder().decode(await blob.read(0, blob.size));
};
