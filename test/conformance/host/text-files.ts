import { assert } from "chai";
import type { Host, HostFile } from "../../../src/host/host.ts";
import type { Awaitable } from "../../../src/turns/awaitable.ts";
import { bytesIn, readRaw, withFile } from "../../support/hosts/raw-file.ts";
import { bytesOf, textOf } from "../../support/runs/bytes.ts";
import { failureOf } from "../../support/runs/failure.ts";

/** Registers one test over a store's empty directory. */
export type StoreTest = (
	name: string,
	body: (host: Host) => Promise<void>,
	timeout?: number,
) => void;

export async function fill(
	host: Host,
	path: string,
	held: string,
): Promise<void> {
	await withFile(host, path, "replace", (file) =>
		file.write([bytesOf(held)], 0),
	);
}

export async function content(host: Host, path: string): Promise<string> {
	return textOf(await readRaw(host, path));
}

export async function textIn(file: HostFile): Promise<string> {
	return textOf(await bytesIn(file));
}

/** A host that answers at once throws at once, others reject. */
export async function assertFails(
	call: () => Awaitable<unknown>,
): Promise<void> {
	assert.instanceOf(await failureOf(call), Error);
}
