import { peersFor } from "../contenders.mjs";
import { KilledStore } from "../killed.mjs";
import { median } from "../rounds.mjs";
import { bytes, time } from "../table.mjs";

const MIB = 2 ** 20;
/** Opening does not grow: what is a small part as large takes as long. */
const NO_GROWTH = { time: { ratio: 0.8 }, read: { ratio: 0.8 } };

/** Each round is a process of its own, which has opened a small store before, as other rounds warm up. */
export async function makeRow({ directories, isQuick, of }) {
	const large = isQuick ? 64 : 1024;
	const small = isQuick ? 16 : 64;
	// Billions of small entries would keep the peers busy for an hour; what they recover is as long with larger ones.
	const peers = of === "oversized" ? peersFor("time") : [];
	const contenders = [
		{ name: "dualslot", megabytes: large },
		{ name: "dualslot", megabytes: small, goals: NO_GROWTH },
		...peers.map((peer) => ({ ...peer, megabytes: large })),
	];
	return {
		title: `${of} journal, open: ready to append after a kill, and the bytes read by calls`,
		warmUp: 1,
		rounds: isQuick ? 3 : 9,
		metrics: [
			{
				name: "time",
				of: (samples) => median(samples.map(({ elapsed }) => elapsed)),
				format: time,
			},
			{
				name: "read",
				of: (samples) => median(samples.map(({ read }) => read)),
				format: bytes,
			},
		],
		contenders: contenders.map(({ name, megabytes, goals }) => ({
			name: `${name}, ${megabytes} MiB`,
			goals,
			measure: measureOf(
				new KilledStore({
					name,
					kind: of,
					directory: directories.make(`${name}-${megabytes}`),
					bytes: megabytes * MIB,
				}),
			),
		})),
	};
}

function measureOf(store) {
	return async () => [await store.open()];
}
