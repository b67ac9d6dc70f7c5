import { Latency } from "../host/latency.ts";
import type { MeteredHost } from "../host/metering.ts";

/** The counters of a packed store beside its files'. */
export class PackedCounters {
	readonly #host: MeteredHost;
	readonly #flushes = new Latency();
	#folds = 0;

	constructor(host: MeteredHost) {
		this.#host = host;
	}

	/** `began` is its start by `performance.now()`. */
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
