import { assert } from "chai";
import type { Host } from "../../../src/host/host.ts";
import type { OutsideChange } from "../../../src/storage/own-files/outside-change.ts";
import { Storage } from "../../../src/storage/storage.ts";
import {
	readRaw,
	truncateRaw,
	writeRaw,
} from "../../support/hosts/raw-file.ts";
import { bytesOf, pattern } from "../../support/runs/bytes.ts";
import {
	hostTest,
	MEMORY,
	type Suite,
	withStorage,
} from "../../support/runs/suite.ts";
import {
	KINDS,
	type Kind,
	pathOf,
	SECTIONS,
} from "../../support/stores/left-kinds.ts";
import { copy, session } from "../../support/stores/left-session.ts";

const [FIRST, SECOND, THIRD, FOURTH] = [1, 2, 3, 4] as const;

/** Changes of closed files, and the reports of them: a file's number, and its report. */
const CHANGES: Record<
	string,
	{
		make(host: Host, kind: Kind): Promise<void>;
		told: readonly (readonly [number, OutsideChange["what"]])[];
	}
> = {
	"two files of equal sizes that were swapped": {
		make: swap,
		told: [
			[FIRST, "content"],
			[SECOND, "content"],
		],
	},
	"a file that was copied over another": {
		make: (host, kind) => copy(host, pathOf(kind, FIRST), pathOf(kind, SECOND)),
		told: [[SECOND, "content"]],
	},
	"a file that was copied under a new name": {
		make: (host, kind) => copy(host, pathOf(kind, FIRST), pathOf(kind, FOURTH)),
		told: [[FOURTH, "new"]],
	},
	"a file that was removed": {
		make: async (host, kind) => {
			await host.remove(pathOf(kind, SECOND));
		},
		told: [[SECOND, "missing"]],
	},
	"a file that is longer": {
		make: async (host, kind) => {
			const path = pathOf(kind, THIRD);
			const bytes = await readRaw(host, path);
			await writeRaw(host, path, Uint8Array.of(...bytes, ...bytesOf("more")));
		},
		told: [[THIRD, "size"]],
	},
	"a file that is shorter": {
		make: (host, kind) => truncateRaw(host, pathOf(kind, THIRD), 8),
		told: [[THIRD, "size"]],
	},
	"a partition that was removed": {
		make: async (host, kind) => {
			await host.remove(kind.partition);
		},
		told: SECTIONS.map((section) => [section, "missing"] as const),
	},
};

/** Changes by others between a clean close and the next open. */
export function changedOutsideRows(suite: Suite): void {
	for (const kind of KINDS) {
		changeRows(suite, kind);
		sessionRows(suite, kind);
	}
	readerRows(suite);
}

function changeRows(suite: Suite, kind: Kind): void {
	const onHost = hostTest(suite);

	for (const [change, { make, told }] of Object.entries(CHANGES)) {
		onHost(`of ${kind.name}, ${change} is told`, async (host) => {
			await session(host, (storage) => kind.write(storage));
			await make(host, kind);
			const expected = told.map(([section, what]) => {
				return { path: pathOf(kind, section), what };
			});
			await withStorage(host, async (storage) => {
				const report = await kind.look(storage);
				assert.sameDeepMembers([...storage.recovery.changedOutside], expected);
				if (report !== undefined) {
					assert.sameDeepMembers([...(report.changedOutside ?? [])], expected);
				}
			});
		});
	}
}

function sessionRows(suite: Suite, kind: Kind): void {
	const onHost = hostTest(suite);

	onHost(
		`of ${kind.name}, nothing is told of what no other has changed, whatever sessions have`,
		async (host) => {
			for (const turn of [1, 2, 3]) {
				await session(host, async (storage) => {
					await kind.write(storage);
					await kind.look(storage);
					assert.deepEqual(storage.recovery.changedOutside, [], `${turn}`);
				});
				await untold(host, kind);
			}
		},
	);

	onHost(
		`of ${kind.name}, two files that were swapped after a crash are not told`,
		async (host) => {
			await session(host, (storage) => kind.write(storage));
			await withStorage(host, (storage) => kind.look(storage));
			await swap(host, kind);
			await withStorage(host, async (storage) => {
				await kind.look(storage);
				assert.isTrue(storage.recovery.foundCrash);
				assert.deepEqual(storage.recovery.changedOutside, []);
			});
		},
	);

	onHost(
		`of ${kind.name}, a file of an earlier session that was put back is told`,
		async (host) => {
			await session(host, (storage) => kind.write(storage));
			const earlier = await readRaw(host, pathOf(kind, SECOND));
			await session(host, (storage) => kind.write(storage));
			await writeRaw(host, pathOf(kind, SECOND), earlier);
			await withStorage(host, async (storage) => {
				await kind.look(storage);
				const [change, ...others] = storage.recovery.changedOutside;
				assert.include(change, { path: pathOf(kind, SECOND) });
				assert.lengthOf(others, 0);
			});
		},
	);

	onHost(
		`of ${kind.name}, what a close left of a file carries over sessions that open others`,
		async (host) => {
			await session(host, (storage) => kind.write(storage));
			for (const turn of [1, 2, 3]) {
				await session(host, async (storage) => {
					const blob = await storage.open("other", `${turn}`);
					await blob.write(0, bytesOf("other"));
				});
			}
			await swap(host, kind);
			await withStorage(host, async (storage) => {
				await kind.look(storage);
				assert.lengthOf(storage.recovery.changedOutside, 2);
			});
		},
	);

	onHost(
		`of ${kind.name}, what was told once is how it is left by the close of that session`,
		async (host) => {
			await session(host, (storage) => kind.write(storage));
			await copy(host, pathOf(kind, FIRST), pathOf(kind, SECOND));
			await session(host, async (storage) => {
				await kind.look(storage);
				assert.lengthOf(storage.recovery.changedOutside, 1);
			});
			await untold(host, kind);
		},
	);
}

function readerRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"a reader tells what others have changed, and writes nothing",
		async (host) => {
			await session(host, async (storage) => {
				const blob = await storage.open("raw", "b");
				await blob.write(0, pattern(100));
			});
			const record = await readRaw(host, "dualslot.closed");
			await truncateRaw(host, "raw/62", 50);
			const reader = await Storage.open(host, { readOnly: true });
			await reader.open("raw", "b");
			assert.deepEqual(reader.recovery.changedOutside, [
				{ path: "raw/62", what: "size" },
			]);
			await reader.close();
			assert.deepEqual(await readRaw(host, "dualslot.closed"), record);
		},
	);

	onHost(
		"a reader tells nothing of what a writer of dualslot changes beside it",
		async (host) => {
			await session(host, async (storage) => {
				const blob = await storage.open("raw", "b");
				await blob.write(0, pattern(100));
			});
			for (const end of ["close", "drop"] as const) {
				const reader = await Storage.open(host, { readOnly: true });
				const writer = await Storage.open(host, { memory: MEMORY });
				const blob = await writer.open("raw", "b");
				await blob.write(100, pattern(7));
				await writer[end]();
				await reader.open("raw", "b");
				assert.deepEqual(reader.recovery.changedOutside, [], end);
				await reader.close();
			}
		},
	);
}

async function untold(host: Host, kind: Kind): Promise<void> {
	await session(host, async (storage) => {
		await kind.look(storage);
		assert.deepEqual(storage.recovery.changedOutside, []);
	});
}

async function swap(host: Host, kind: Kind): Promise<void> {
	const first = await readRaw(host, pathOf(kind, FIRST));
	await copy(host, pathOf(kind, SECOND), pathOf(kind, FIRST));
	await writeRaw(host, pathOf(kind, SECOND), first);
}
