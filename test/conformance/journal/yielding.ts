import { assert } from "chai";
import * as codec from "../../../src/codec/index.ts";
import type { Reader } from "../../../src/codec/reader.ts";
import { FixedJournal } from "../../../src/journal/entries/fixed-journal.ts";
import {
	Message,
	untilMessage,
	whileTimeFlies,
} from "../../support/runs/messages.ts";
import type { Suite } from "../../support/runs/suite.ts";
import {
	journalTest,
	numbered,
	pointer,
} from "../../support/stores/journal-store.ts";

const MANY = 1000;
/** Far more than are made between two looks at the clock. */
const FEW = 900;
/** All records of a section lie in memory, and a read of them waits for nothing. */
const IN_MEMORY = { writeBuffer: 16_384 };

/** Other tasks of the event loop run before a program that reads on and on from memory. */
export function yieldingJournalRows(suite: Suite): void {
	const test = journalTest(suite);

	test(
		"a message that waits comes before reads of entries in memory that follow one another are done",
		async (store) => {
			const journal = await store.fixed();
			await journal.append(1n, numbered(7));
			await whileTimeFlies(() => untilMessage(() => journal.get(1n, 0), FEW));
		},
		IN_MEMORY,
	);

	test(
		"a message that waits comes before reads of items in memory that follow one another are done",
		async (store) => {
			const journal = await store.variable();
			await journal.append(1n, numbered(7));
			await whileTimeFlies(() => untilMessage(() => journal.get(1n, 0), FEW));
		},
		IN_MEMORY,
	);

	test("a message that waits comes before reads of values that follow one another are done", async (store) => {
		const glob = await store.glob({ partition: "glob" });
		const journal = await store.oversized();
		const value = numbered(7);
		const { offset, size } = await journal.append(1n, pointer(7), value);
		await glob.append(1n, value);
		await whileTimeFlies(async () => {
			await untilMessage(() => journal.getValue(1n, offset, size), FEW);
			await untilMessage(() => glob.get(1n, offset, size), FEW);
		});
	});

	for (const kind of ["fixed", "variable"] as const) {
		test(
			`a message that waits comes before a read of many in a ${kind} journal is done`,
			async (store) => {
				const journal = await store[kind]();
				const places: number[] = [];
				for (let index = 0; index < MANY; index += 1) {
					const place = await journal.append(1n, numbered(index));
					places.push(typeof place === "number" ? place : place.offset);
				}
				await whileTimeFlies(async () => {
					const message = new Message();
					message.send();
					await journal.getMany(1n, places);
					message.check();
				});
			},
			IN_MEMORY,
		);

		test(
			`a message that waits comes before a replay of a ${kind} journal gives all that it has read`,
			async (store) => {
				const journal = await store[kind]();
				for (let index = 0; index < MANY; index += 1) {
					await journal.append(1n, numbered(index));
				}
				const replay = journal.replay();
				await replay.next();
				await whileTimeFlies(() => untilMessage(() => replay.next(), FEW));
			},
			IN_MEMORY,
		);
	}

	test("steps of a replay that are asked for at once come in their order, whatever turn they take", async (store) => {
		const journal = await store.fixed();
		for (let index = 0; index < MANY; index += 1) {
			await journal.append(1n, numbered(index));
		}
		const replay = journal.replay();
		await whileTimeFlies(async () => {
			const come: (number | undefined)[] = [];
			const steps = Array.from({ length: MANY }, async () => {
				const { value } = await replay.next();
				come.push(value?.position);
			});
			await Promise.all(steps);
			assert.deepEqual(come, [...Array(MANY).keys()]);
		});
	});

	test("a message that waits comes before many entries of a codec are decoded", async (store) => {
		const message = new Message();
		let decoded = 0;
		const read = (reader: Reader) => {
			decoded += 1;
			if (decoded === 1) {
				message.send();
			}
			return codec.u64.read(reader);
		};
		const journal = await FixedJournal.open(store.storage, {
			...{ partition: "decoded", cache: store.cache },
			entry: { ...codec.u64, read },
		});
		for (let index = 0; index < MANY; index += 1) {
			await journal.append(1n, BigInt(index));
		}
		await whileTimeFlies(() =>
			journal.getMany(1n, [...Array(MANY).keys()]).then(() => message.check()),
		);
	});
}
