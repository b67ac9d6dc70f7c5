import type { SyncMode } from "../../hosts/posix/syncs.ts";
import type { Host } from "../../src/host/host.ts";
import { Storage } from "../../src/storage/storage.ts";
import type { Script } from "../../test/runtimes/driven.ts";
import { type Figures, MEASURES } from "./measures.ts";

export interface Hello {
	readonly measures: readonly string[];
}

/** Runs the measure of a number, over a new host of the runtime. */
export function measuring(
	createHost: (sync: SyncMode) => Host,
): Script<Hello, Figures> {
	const measures = Object.entries(MEASURES);
	return {
		hello: { measures: measures.map(([name]) => name) },
		async ask(number) {
			const measure = measures[number]?.[1];
			if (measure === undefined) {
				throw new RangeError(`there is no measure ${number}`);
			}
			const host = createHost(measure.sync);
			try {
				return await measure.run({ open: () => Storage.open(host) });
			} finally {
				await host.remove("");
			}
		},
	};
}
