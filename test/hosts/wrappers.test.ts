import { assert } from "chai";
import { describe, test } from "vitest";
import { memoryHost } from "../../hosts/memory.ts";
import { AuditedHost } from "../../src/host/audited.ts";
import { FaultyHost } from "../../src/host/faulty.ts";
import type { Host, HostFile } from "../../src/host/host.ts";
import { MeteredHost } from "../../src/host/metering.ts";
import { hostConformance } from "../conformance/host.ts";
import { storageSuite } from "../conformance/storage.ts";
import { wrapperSuite } from "../conformance/wrappers.ts";
import { LateHost } from "../support/hosts/late-host.ts";
import { pattern } from "../support/runs/bytes.ts";
import { dealt } from "../support/runs/dealt.ts";

const WRAPPERS: Readonly<Record<string, (host: Host) => Host>> = {
	"faults, none of them to happen": (host) => new FaultyHost(host, 1),
	audit: (host) => new AuditedHost(host),
	metering: (host) => new MeteredHost(host),
	"all three, as commonware stacks them": (host) =>
		new MeteredHost(new AuditedHost(new FaultyHost(host, 1))),
};

const rows = dealt(test, "wrappers");

for (const [name, wrap] of Object.entries(WRAPPERS)) {
	describe(name, () => {
		const createHost = () => own(wrap(memoryHost()));
		const suite = { test: rows, host: "memory", createHost } as const;
		hostConformance(suite);
		storageSuite(suite);

		test("answers at once over a host that does", () => {
			const host = wrap(memoryHost());
			assert.isTrue(host.makeDirectory(""));
			const file = host.open("file", "replace") as HostFile;
			assert.isFunction(file.size);
			for (const [answer, expected] of [
				[file.write([pattern(10)], 0), undefined],
				[file.size(), 10],
				[file.read([new Uint8Array(20)], 0), 10],
				[file.truncate(5), undefined],
				[file.sync(), undefined],
				[file.close(), undefined],
				[host.list(""), [{ name: "file", kind: "file" }]],
				[host.rename("file", "renamed"), undefined],
				[host.syncDirectory(""), undefined],
				[host.open("file", "read"), undefined],
				[host.remove("renamed"), true],
			]) {
				assert.deepEqual(answer, expected);
			}
			assert.isFunction(Reflect.get(Object(host.lock()), "release"));
		});
	});
}

describe("over a host that answers late", () => {
	const createHost = () => own(new LateHost(memoryHost()));
	const suite = { test: rows, host: "memory", createHost } as const;
	wrapperSuite(suite);
	hostConformance(suite);
});

describe("an audit of more than may wait to be hashed", () => {
	test("answers late until all is hashed, and makes every call at once", async () => {
		const memory = memoryHost();
		const audited = new AuditedHost(memory);
		audited.makeDirectory("");
		const file = audited.open("file", "replace") as HostFile;
		const bytes = pattern(1024 * 1024);
		const answers = Array.from({ length: 10 }, (_, index) =>
			file.write([bytes], index * bytes.length),
		);
		assert.deepEqual(
			answers.map((answer) => answer instanceof Promise),
			[...Array(7).fill(false), ...Array(3).fill(true)],
		);
		const raw = memory.open("file", "read") as HostFile;
		assert.equal(raw.size(), 10 * bytes.length);
		await Promise.all(answers);
		assert.isUndefined(file.write([bytes], 0));
	});

	test("fails as its host does", async () => {
		const faulty = new FaultyHost(memoryHost(), 1);
		const audited = new AuditedHost(new LateHost(faulty));
		await audited.makeDirectory("");
		const file = await audited.open("file", "replace");
		faulty.rates = { write: 1 };
		const answers = Array.from({ length: 10 }, () =>
			file?.write([pattern(1024 * 1024)], 0),
		);
		for (const answer of await Promise.allSettled(answers)) {
			assert.equal(answer.status, "rejected");
		}
	});
});

function own(host: Host) {
	return { host, cleanUp: () => undefined };
}
