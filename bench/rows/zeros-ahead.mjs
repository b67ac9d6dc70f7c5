import { Buffer } from "node:buffer";
import { openPaged } from "../dualslot.mjs";
import { quantile, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

const PER_TURN = 16;
/** Of them, none is slower. */
const AHEAD = { ratio: 1 };
const BLOCKING = { sync: "blocking" };

/** What zeros ahead of a blob gain, and cost: each append of so many bytes is synced. */
export async function makeRow({ directories, isQuick, of }) {
	const bytes = Buffer.alloc(Number(of), 7);
	const contenders = await Promise.all([
		opened("dualslot", directories.make("ahead"), bytes, BLOCKING),
		opened("dualslot, ahead: 0", directories.make("none"), bytes, {
			...BLOCKING,
			ahead: 0,
		}),
	]);
	return {
		title: `zeros ahead: one append of ${of} bytes, one blocking sync`,
		warmUp: isQuick ? 10 : 30,
		rounds: isQuick ? 20 : 120,
		metrics: [
			{ name: "p50", of: (all) => quantile(all, 0.5), format: time },
			{ name: "p99", of: (all) => quantile(all, 0.99), format: time },
		],
		contenders,
		async close() {
			for (const { storage } of contenders) {
				await storage.close();
			}
		},
	};
}

async function opened(name, directory, bytes, options) {
	const { storage, paged } = await openPaged(directory, options);
	return {
		name,
		storage,
		goals: { p50: AHEAD, p99: AHEAD },
		async measure() {
			const samples = [];
			for (let turn = 0; turn < PER_TURN; turn += 1) {
				samples.push(
					await timed(async () => {
						await paged.append(bytes);
						await paged.sync();
					}),
				);
			}
			return samples;
		},
	};
}
