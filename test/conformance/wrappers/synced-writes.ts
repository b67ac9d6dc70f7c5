import { assert } from "chai";
import { AuditedHost } from "../../../src/host/audited.ts";
import { FaultyHost } from "../../../src/host/faulty.ts";
import type { Host } from "../../../src/host/host.ts";
import { MeteredHost } from "../../../src/host/metering.ts";
import {
	InterceptedHost,
	type Interceptor,
} from "../../support/hosts/intercepted-host.ts";
import { opened, readRaw } from "../../support/hosts/raw-file.ts";
import { assertSame, pattern } from "../../support/runs/bytes.ts";
import { failureOf } from "../../support/runs/failure.ts";
import { hostTest, type Suite } from "../../support/runs/suite.ts";

const PATH = "file";

/** Wrappers between the engine and a host see a write that is synced in the same call. */
export function syncedWriteRows(suite: Suite): void {
	const test = hostTest(suite);

	test("a synced write passes every wrapper as one call", async (host) => {
		const seen: string[] = [];
		const wrapped = new MeteredHost(
			new AuditedHost(new FaultyHost(seeing(host, seen), 1)),
		);
		await writeSynced(wrapped);
		assert.deepEqual(seen, ["synced write"]);
		assertSame(await readRaw(host, PATH), pattern(9));
	});

	test("a synced write counts as a write and as a sync", async (host) => {
		const metered = new MeteredHost(host);
		await writeSynced(metered);
		assert.include(metered.stats(), { writes: 1, writeBytes: 9, syncs: 1 });
	});

	test("a synced write has another digest than a write", async (host) => {
		const digests: string[] = [];
		for (const synced of [true, false]) {
			const audited = new AuditedHost(host);
			await writeSynced(audited, synced);
			digests.push(await audited.digest());
		}
		assert.notEqual(digests[0], digests[1]);
	});

	test("a synced write whose sync fails is there, and was handed over as a write alone", async (host) => {
		const seen: string[] = [];
		const faulty = new FaultyHost(seeing(host, seen), 1, { sync: 1 });
		const error = await failureOf(() => writeSynced(faulty));
		assert.propertyVal(error, "code", "EIO");
		assert.deepEqual(seen, ["write"]);
		assertSame(await readRaw(host, PATH), pattern(9));
	});

	test("a synced write that fails leaves nothing", async (host) => {
		const faulty = new FaultyHost(host, 1, { write: 1 });
		const error = await failureOf(() => writeSynced(faulty));
		assert.propertyVal(error, "code", "EIO");
		assert.equal((await readRaw(host, PATH)).length, 0);
	});
}

function seeing(host: Host, seen: string[]): Host {
	const hooks: Interceptor = {
		write: (_, { synced }, call) => {
			seen.push(synced ? "synced write" : "write");
			return call();
		},
		sync: (_, call) => {
			seen.push("sync");
			return call();
		},
	};
	return new InterceptedHost(host, hooks);
}

async function writeSynced(host: Host, synced = true): Promise<void> {
	await host.makeDirectory("");
	const file = await opened(host, PATH, "replace");
	try {
		await file.write([pattern(4), pattern(5, 4)], 0, { synced });
	} finally {
		await file.close();
	}
}
