import type { Host } from "../host/host.ts";
import { type PackedStats, pendingIn } from "../host/stats.ts";
import type { SharedParts } from "./parts.ts";

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
