import type { Host } from "../host/host.ts";
import { Latency } from "../host/latency.ts";
import type { MeteredHost } from "../host/metering.ts";
import { type PackedStats, pendingIn } from "../host/stats.ts";
import type { SharedParts } from "./parts.ts";

/** What a packed store counts that no file does. */
export class PackedCounters {
	readonly #host: MeteredHost;
	readonly #flushes = new Latency();
	#folds = 0;

	constructor(host: MeteredHost) {
		this.#host = host;
	}

	/** `began` is when, by `performance.now()`. */
	flushed(began: number): void {
		this.#flushes.end(began);
	}

	folded(): void {
		this.#folds += 1;
	}

	stats() {
		const host = this.#host;
		const flushLatency = this.#flushes.histogram();
		return {
			store: host.location,
			...host.stats(),
			latencies: host.latencies(),
			files: host.labelled(),
			folds: this.#folds,
			flushes: flushLatency.count,
			flushLatency,
		};
	}
}

/** Of a store, and of the host that it was opened over. */
export function packedStats(
	{ counters, manifest, pool, free }: SharedParts,
	host: Host,
): PackedStats {
	return {
		...counters.stats(),
		guids: manifest.size,
		frames: pool.size,
		framesInUse: pool.inUse,
		freeSlots: free.count,
		...pendingIn(host),
	};
}
