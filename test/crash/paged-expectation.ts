import { isStorageError } from "../../src/errors.ts";
import type { Host } from "../../src/host/host.ts";
import { PageCache } from "../../src/paged/cache.ts";
import { PagedBlob } from "../../src/paged/paged-blob.ts";
import { Storage } from "../../src/storage/storage.ts";
import { imageOf } from "../support/hosts/raw-file.ts";
import { joined, toHex } from "../support/runs/bytes.ts";
import { MEMORY, PARTITION, type Shape } from "./workload.ts";

/** One content that a blob may have after a cut: any prefix of `bytes` with `least` bytes or more. */
export interface Outcome {
	readonly bytes: Uint8Array;
	readonly least: number;
}

export interface ExpectedBlob {
	readonly outcomes: readonly Outcome[];
	readonly mayBeMissing: boolean;
	/** Bytes that were cut, and are to be in no file any more. */
	readonly erased?: readonly Uint8Array[];
}

/** What may be found of each blob; a blob that may be missing says so. */
export type Expectation = ReadonlyMap<string, ExpectedBlob>;

/**
 * Opens what a cut left and checks it against what may be found, and that it goes on from there. Answers each blob's
 * recovered bytes, or throws what is wrong.
 */
export async function recoverAndCheck(
	host: Host,
	expected: Expectation,
	shape: Shape,
): Promise<Map<string, Uint8Array>> {
	const { pageSize, writeBuffer, metadata, erase = false } = shape;
	await requireErased(host, expected);
	const options = { memory: MEMORY, metadata, erase };
	const storage = await Storage.open(host, options);
	try {
		const present = await namesIn(storage, host);
		const cache = new PageCache(storage, { pageSize, pages: 4 });
		const found = new Map<string, Uint8Array>();
		for (const [name, { outcomes, mayBeMissing }] of expected) {
			if (!present.has(name)) {
				if (!mayBeMissing) {
					throw new Error(`blob ${name} is missing`);
				}
				continue;
			}
			const blob = await storage.open(PARTITION, name);
			const paged = await PagedBlob.open(blob, { cache, writeBuffer });
			if (paged.recovery.damagedPages !== undefined) {
				throw new Error(`blob ${name}: what the cut tore is called damage`);
			}
			const bytes = await readThrough(paged, metadata);
			if (!outcomes.some((outcome) => matches(bytes, outcome))) {
				throw new Error(
					`blob ${name} was recovered to ${bytes.length} bytes, which are none of ${outcomes
						.map(({ bytes: all, least }) => `${least} to ${all.length} bytes`)
						.join(
							", or ",
						)} of what was appended; ${JSON.stringify(paged.recovery)}`,
				);
			}
			await requireGoingOn(paged, bytes);
			found.set(name, bytes);
		}
		return found;
	} finally {
		await storage.drop();
	}
}

/** Throws where a file of the image has what was cut and erased. */
async function requireErased(host: Host, expected: Expectation): Promise<void> {
	const erased = [...expected.values()].flatMap(({ erased = [] }) => erased);
	if (erased.length === 0) {
		return;
	}
	const image = (await imageOf(host)).join("\n");
	for (const piece of erased) {
		if (image.includes(toHex(piece))) {
			throw new Error(`what was cut and erased is there: ${toHex(piece)}`);
		}
	}
}

async function namesIn(storage: Storage, host: Host): Promise<Set<string>> {
	if ((await host.list(PARTITION)) === undefined) {
		return new Set();
	}
	const names = await storage.scan(PARTITION);
	return new Set(names.map((name) => new TextDecoder().decode(name)));
}

/** All bytes; or where nothing tells recovery of a crash, those before the first that no slot vouches for. */
async function readThrough(
	paged: PagedBlob,
	metadata: boolean,
): Promise<Uint8Array> {
	const chunks: Uint8Array[] = [];
	try {
		for await (const chunk of paged.replay({ buffer: 1 })) {
			chunks.push(chunk);
		}
	} catch (error) {
		if (metadata || !isDamage(error)) {
			throw error;
		}
	}
	const replayed = joined(...chunks);
	if (metadata && replayed.length !== paged.size) {
		throw new Error(`replay gave ${replayed.length} bytes of ${paged.size}`);
	}
	const bytes = await paged.read(0, replayed.length);
	if (!matches(bytes, { bytes: replayed, least: replayed.length })) {
		throw new Error("a replay gave other bytes than a read");
	}
	return bytes;
}

export function isDamage(error: unknown): boolean {
	return isStorageError(error) && error.code === "ERR_INVALID_CHECKSUM";
}

/** A recovered blob must go on: what is appended and synced now is there behind what was found, and what could not be read is cut. */
async function requireGoingOn(
	paged: PagedBlob,
	bytes: Uint8Array,
): Promise<void> {
	if (paged.size > bytes.length) {
		await paged.resize(bytes.length);
	}
	const added = new Uint8Array([1, 2, 3, 4, 5]);
	await paged.append(added);
	await paged.sync();
	const all = joined(bytes, added);
	const read = await paged.read(0, paged.size);
	if (!matches(read, { bytes: all, least: all.length })) {
		throw new Error("what was appended after recovery is not what is read");
	}
}

function matches(found: Uint8Array, { bytes, least }: Outcome): boolean {
	return (
		found.length >= least &&
		found.length <= bytes.length &&
		found.every((byte, index) => byte === bytes[index])
	);
}
