import type { Host } from "../host/host.ts";
import { type PackedStats, pendingIn } from "../host/stats.ts";
import type { SharedParts } from "./parts.ts";

/** The statistics of a store and of the host under it. */
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
