import "../hosts/checked-arenas.ts";
import { memoryHost } from "../../../hosts/memory.ts";
import type { Host, HostCapabilities } from "../../../src/host/host.ts";
import type { StorageOptions } from "../../../src/storage/options.ts";
import { Storage } from "../../../src/storage/storage.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";
import {
	NOT_ON_THIS_HOST,
	nameWithReason,
} from "../../conformance/not-on-this-host.ts";

export type HostName = HostCapabilities["name"];

/** A suite's test runner: so a suite runs under any, in any host. A timeout is in milliseconds. */
export interface Test {
	(name: string, body: () => Awaitable<void>, timeout?: number): unknown;
	skip(name: string, body: () => Awaitable<void>): unknown;
}

/** A host that no other test uses. */
export interface OwnHost {
	readonly host: Host;
	cleanUp(): Awaitable<void>;
}

export interface Suite {
	readonly test: Test;
	readonly host: HostName;
	readonly createHost: () => Awaitable<OwnHost>;
}

export function inMemory(): OwnHost {
	return { host: memoryHost(), cleanUp: () => undefined };
}

/** Registers one test over a host of its own. */
export type HostTest = (
	name: string,
	body: (host: Host) => Promise<void>,
	timeout?: number,
) => void;

/** Registers one test over a store of its own. */
export type StorageTest = (
	name: string,
	body: (storage: Storage) => Promise<void>,
) => void;

/** Linear memory of a store under test: enough for small caches, and soon full. */
export const MEMORY = 1024 * 1024;

export function hostTest({ test, host, createHost }: Suite): HostTest {
	return (name, body, timeout) => {
		const run = async () => {
			const own = await createHost();
			try {
				await body(own.host);
			} finally {
				await own.cleanUp();
			}
		};
		const impossible = NOT_ON_THIS_HOST.find(
			(row) => row.host === host && row.row === name,
		);
		if (impossible === undefined) {
			test(name, run, timeout);
		} else {
			test.skip(nameWithReason(impossible), run);
		}
	};
}

export function storageTest(suite: Suite): StorageTest {
	const onHost = hostTest(suite);
	return (name, body) => onHost(name, (host) => withStorage(host, body));
}

/** One session of a store. It ends like a crash, unless the body has closed it. */
export async function withStorage<T>(
	host: Host,
	body: (storage: Storage) => Promise<T>,
	options: StorageOptions = {},
): Promise<T> {
	const storage = await Storage.open(host, { memory: MEMORY, ...options });
	try {
		return await body(storage);
	} finally {
		await storage.drop();
	}
}
