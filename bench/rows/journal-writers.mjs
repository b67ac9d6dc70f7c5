import { durableName, JOURNALS, peersFor, shareOf } from "../contenders.mjs";
import { median, timed } from "../rounds.mjs";
import { time } from "../table.mjs";

const WRITERS = 64;
/** Room for what all writers append before one sync. */
const DUALSLOT = { writeBuffer: 512 * 1024 };

export async function makeRow({ directories, isQuick, of }) {
	const { Store, stored } = JOURNALS[of];
	const each = isQuick ? 10 : 32;
	const contenders = await Promise.all(
		[
			{ name: "dualslot", Store, share: 1, options: DUALSLOT },
			...peersFor("time"),
		].map((contender) =>
			opened(contender, directories.make("writers"), stored, each),
		),
	);
	return {
		title: `${of} journal, ${WRITERS} writers: each loops over one append of ${stored.size} bytes and one sync; per append`,
		warmUp: 1,
		rounds: isQuick ? 3 : 7,
		metrics: [{ name: "time", of: median, format: time }],
		contenders,
		async close() {
			for (const { name, store, count } of contenders) {
				await stored.check(name, store, count());
				await store.close();
			}
		},
	};
}

async function opened(contender, directory, stored, each) {
	const { Store, options } = contender;
	const store = await Store.open(directory, stored, options);
	const appends = shareOf(each, contender);
	let count = 0;
	const writer = async () => {
		for (let turn = 0; turn < appends; turn += 1) {
			await store.append();
			count += 1;
		}
	};
	return {
		...contender,
		name: durableName(contender),
		store,
		count: () => count,
		async measure() {
			const writers = () =>
				Promise.all(Array.from({ length: WRITERS }, writer));
			return [(await timed(writers)) / (WRITERS * appends)];
		},
	};
}
