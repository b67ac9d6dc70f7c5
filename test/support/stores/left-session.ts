import type { Host } from "../../../src/host/host.ts";
import type { StorageOptions } from "../../../src/storage/options.ts";
import type { Storage } from "../../../src/storage/storage.ts";
import { readRaw, writeRaw } from "../hosts/raw-file.ts";
import { withStorage } from "../runs/suite.ts";

/** A session that ends with a clean close. */
export async function session(
	host: Host,
	body: (storage: Storage) => Promise<unknown>,
	options: StorageOptions = {},
): Promise<void> {
	await withStorage(
		host,
		async (storage) => {
			await body(storage);
			await storage.close();
		},
		options,
	);
}

/** Replaces a file's bytes by another file's. */
export async function copy(
	host: Host,
	from: string,
	to: string,
): Promise<void> {
	await writeRaw(host, to, await readRaw(host, from));
}
