import { assert } from "chai";
import { replaceFile } from "../../../src/host/durable-file.ts";
import type { Host } from "../../../src/host/host.ts";
import { PackedStore } from "../../../src/packed/packed-store.ts";
import { Storage } from "../../../src/storage/storage.ts";
import { endingWith } from "../../../src/turns/endings.ts";
import {
	InterceptedHost,
	type Interceptor,
} from "../../support/hosts/intercepted-host.ts";
import { bytesOf } from "../../support/runs/bytes.ts";
import { failureOf } from "../../support/runs/failure.ts";
import { hostTest, MEMORY, type Suite } from "../../support/runs/suite.ts";
import { exported } from "../../support/stores/archives.ts";
import {
	OWNED_KINDS,
	type OwnedKind,
} from "../../support/stores/owned-kinds.ts";
import { guidOf, LOG_PATH } from "../../support/stores/packed-files.ts";
import { frameOf, SMALL } from "../../support/stores/packed-store.ts";

const FIRST = new Error("the first failure");
const LATER = new Error("a later failure");

type Step = "read" | "write" | "sync";

/** A step fails, on a meant path. From then on every close is done, and then fails too. */
function failing(step: Step, isMeant = (_path: string) => true): Interceptor {
	let hasFailed = false;
	return {
		[step]: (path: string, ...given: readonly unknown[]) => {
			const call = given[given.length - 1];
			if (typeof call === "function" && !isMeant(path)) {
				return call();
			}
			hasFailed = true;
			throw FIRST;
		},
		close: async (_, call) => {
			await call();
			if (hasFailed) {
				throw LATER;
			}
		},
	};
}

/** Where a step fails, and so does the release of its resources, the step's failure is reported. */
export function firstFailureRows(suite: Suite): void {
	for (const kind of OWNED_KINDS) {
		ownedRows(suite, kind);
	}
	storeRows(suite);
	packedRows(suite);
}

function ownedRows(suite: Suite, kind: OwnedKind): void {
	const onHost = hostTest(suite);
	const { what } = kind;

	onHost(
		`where ${what} cannot sync at its close, nor close its files, the sync's failure is told, and the next one opens`,
		async (host) => {
			await withFaulty(host, async (faulty, storage) => {
				const owned = await kind.open(storage);
				await owned.append();
				faulty.hooks = failing("sync");
				await assertTells(FIRST, () => owned.close());
				faulty.hooks = {};
				await (await kind.open(storage)).close();
			});
		},
	);

	for (const step of ["read", "write"] as const) {
		onHost(
			`where ${what} fails to open by a ${step}, and to close its files, the ${step}'s failure is told`,
			async (host) => {
				await withFaulty(host, async (faulty, storage) => {
					if (step === "read") {
						const owned = await kind.open(storage);
						await owned.append();
						await owned.close();
					}
					faulty.hooks = failing(step);
					await assertTells(FIRST, async () => {
						const owned = await kind.open(storage);
						await owned.append();
						await owned.sync();
					});
					faulty.hooks = {};
				});
			},
		);
	}
}

function storeRows(suite: Suite): void {
	const onHost = hostTest(suite);

	for (const step of ["read", "write", "sync"] as const) {
		onHost(
			`where no store opens since none of its files can ${step}, or close, the first failure is told, and the lock is free`,
			async (host) => {
				const storage = await openIn(host);
				await storage.open("partition", "name");
				await storage.close();
				const faulty = new InterceptedHost(host);
				faulty.hooks = failing(step);
				await assertTells(FIRST, () => openIn(faulty));
				await (await openIn(host)).drop();
			},
		);
	}

	onHost(
		"where a file is not made whole, and does not close, the first failure is told",
		async (host) => {
			const faulty = new InterceptedHost(host);
			await faulty.makeDirectory("");
			faulty.hooks = failing("sync");
			await assertTells(FIRST, () =>
				replaceFile(faulty, "name", bytesOf("text")),
			);
		},
	);

	onHost(
		"where a blob is not exported, and does not close, the first failure is told",
		async (host) => {
			await withFaulty(host, async (faulty, storage) => {
				const blob = await storage.open("partition", "name");
				await blob.writeSync(0, bytesOf("text"));
				await blob.close();
				faulty.hooks = failing("read", (path) => path.startsWith("partition"));
				await assertTells(FIRST, () => exported(storage));
				faulty.hooks = {};
			});
		},
	);
}

function packedRows(suite: Suite): void {
	const onHost = hostTest(suite);

	onHost(
		"where a packed store cannot sync at its close, nor close its files, the sync's failure is told, and the next one opens",
		async (host) => {
			const faulty = new InterceptedHost(host);
			const store = await PackedStore.open(faulty, SMALL);
			await store.write(guidOf(1), frameOf(1));
			faulty.hooks = failing("sync");
			await assertTells(FIRST, () => store.close());
			await (await PackedStore.open(host, SMALL)).drop();
		},
	);

	for (const step of ["read", "write", "sync"] as const) {
		onHost(
			`where a packed store neither opens nor takes a frame since none of its files can ${step}, or close, the first failure is told, and the next one opens`,
			async (host) => {
				const store = await PackedStore.open(host, SMALL);
				await store.write(guidOf(1), frameOf(1));
				await store.close();
				const faulty = new InterceptedHost(host);
				faulty.hooks = failing(step);
				await assertTells(FIRST, async () => {
					const again = await PackedStore.open(faulty, SMALL);
					await endingWith(
						() => again.write(guidOf(2), frameOf(2)),
						() => again.close(),
					);
				});
				await (await PackedStore.open(host, SMALL)).drop();
			},
		);
	}

	onHost(
		"where a packed store's log is not written, and cannot be undone, the write's failure is told, and the store is latched",
		async (host) => {
			const faulty = new InterceptedHost(host);
			const store = await PackedStore.open(faulty, SMALL);
			await store.write(guidOf(1), frameOf(1));
			faulty.hooks = {
				...failing("write", (path) => path === LOG_PATH),
				truncate: () => {
					throw LATER;
				},
			};
			await assertTells(FIRST, () => store.flush());
			faulty.hooks = {};
			await assertTells(LATER, () => store.write(guidOf(2), frameOf(2)));
			await store.drop();
		},
	);
}

async function withFaulty(
	host: Host,
	body: (faulty: InterceptedHost, storage: Storage) => Promise<void>,
): Promise<void> {
	const faulty = new InterceptedHost(host);
	const storage = await openIn(faulty);
	try {
		await body(faulty, storage);
	} finally {
		faulty.hooks = {};
		await storage.drop();
	}
}

function openIn(host: Host): Promise<Storage> {
	return Storage.open(host, { memory: MEMORY });
}

/** Asserts that a call fails for this reason. */
async function assertTells(
	expected: Error,
	call: () => unknown,
): Promise<void> {
	let reason = await failureOf(call);
	while (Object(reason).cause !== undefined) {
		reason = Object(reason).cause;
	}
	assert.equal(reason, expected);
}
