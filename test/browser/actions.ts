import { type OpfsStorageOptions, openStorage } from "../../hosts/opfs.ts";
import { Glob } from "../../src/journal/values/glob.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import type { StorageOptions } from "../../src/storage/options.ts";
import type { Storage } from "../../src/storage/storage.ts";
import { bytesOf, textOf } from "../support/runs/bytes.ts";
import { directoryOf, entriesBelow } from "./origin.ts";
import { writeSample } from "./sample.ts";
import { tell } from "./told.ts";
import { startInline } from "./workers.ts";

/** TypeScript does not know it yet. */
declare const trustedTypes: {
	createPolicy(
		name: string,
		rules: { createScriptURL(url: string): string },
	): { createScriptURL(url: string): URL };
};

const LINE = 16;

let storage: Storage | undefined;
let lines: PagedBlob | undefined;

/** What a window or a worker does when a test asks for it: it has one store open, and lines in it. */
export const ACTIONS = {
	/** Answers whether it was left by a crash. */
	open: (name: string, options: StorageOptions = {}): Promise<boolean> =>
		open(name, options),

	/** Here and in the worker that moves the bytes deadlines come thirty times as soon. */
	async openHurried(name: string): Promise<void> {
		hurry();
		const script = `(${hurry})(); import("${location.origin}/opfs-worker.js");`;
		await open(name, { worker: startInline(script) });
	},

	/** With a worker that the page's policy has approved. */
	async openWithTrusted(name: string): Promise<void> {
		const policy = trustedTypes.createPolicy("app", {
			createScriptURL: (url) => url,
		});
		const url = policy.createScriptURL("/opfs-worker.js");
		await open(name, { worker: new Worker(url, { type: "module" }) });
	},

	/** Appends so many lines and syncs them. */
	async keep(count: number): Promise<void> {
		const kept = opened();
		const first = wholeLines(kept);
		// A crash may have left a part of a line that was never told of.
		await kept.resize(first * LINE);
		for (let index = first; index < first + count; index += 1) {
			await kept.append(lineOf(index));
		}
		await kept.sync();
	},

	/** How many whole lines there are. Throws when one is not what it was written as. */
	async count(): Promise<number> {
		const kept = opened();
		const count = wholeLines(kept);
		for (let index = 0; index < count; index += 1) {
			const found = textOf(await kept.read(index * LINE, LINE));
			if (found !== textOf(lineOf(index))) {
				throw new Error(`line ${index} is ${found}`);
			}
		}
		return count;
	},

	/** Keeps a text compressed in the store that is open: answers how many bytes it takes, and what is found of it. */
	async compress(text: string): Promise<readonly [number, string]> {
		if (storage === undefined) {
			throw new Error("no store is open");
		}
		const glob = await Glob.open(storage, {
			...{ partition: "texts", compression: 3 },
		});
		const { offset, size } = await glob.append(1n, bytesOf(text));
		await glob.sync(1n);
		const found = textOf(await glob.get(1n, offset, size));
		await glob.close();
		return [size, found];
	},

	async close(): Promise<void> {
		await storage?.close();
	},

	/** Answers what a close came to: the code of its failure, or ''. */
	async closeAnyhow(): Promise<{ readonly code: string }> {
		const outcome = await tell(() => ACTIONS.close());
		return { code: "error" in outcome ? String(outcome.error.code) : "" };
	},

	async writeSample(name: string): Promise<void> {
		await writeSample(await openStorage(name));
	},

	entries: async (name: string): Promise<string[]> =>
		entriesBelow(await directoryOf(name)),
};

export type Actions = typeof ACTIONS;
export type Action = keyof Actions;

/** Appends lines for ever, each synced before the next, and tells of each. */
export async function keepForEver(
	tell: (count: number) => void,
): Promise<never> {
	for (let count = wholeLines(opened()) + 1; ; count += 1) {
		await ACTIONS.keep(1);
		tell(count);
	}
}

async function open(
	name: string,
	options: OpfsStorageOptions,
): Promise<boolean> {
	storage = await openStorage(name, options);
	const cache = new PageCache(storage, { pageSize: 100, pages: 8 });
	const blob = await storage.open("lines", "blob");
	lines = await PagedBlob.open(blob, { cache, writeBuffer: 1000 });
	return storage.recovery.foundCrash;
}

function opened(): PagedBlob {
	if (lines === undefined) {
		throw new Error("no store is open");
	}
	return lines;
}

function wholeLines({ size }: PagedBlob): number {
	return Math.floor(size / LINE);
}

function lineOf(index: number): Uint8Array {
	return bytesOf(`${index}\n`.padStart(LINE, "."));
}

function hurry(): void {
	const { setInterval } = globalThis;
	const soon = (call: () => void) => setInterval(call, 3);
	Object.assign(globalThis, { setInterval: soon });
}
