import type { PartitionConfig } from "../../../src/storage/own-files/partition-config.ts";
import { contextOf, type Storage } from "../../../src/storage/storage.ts";
import { crc32c } from "../oracles/crc32c.ts";
import { bytesOf } from "../runs/bytes.ts";
import { sealed } from "./own-files.ts";

/** The content of every partition here. */
export const PAGES: PartitionConfig = { kind: "paged", pageSize: 64 };

/** Some 4,600 bytes of dualslot.json, more than is written anew for a change. */
export const MANY = 60;

export function partitionName(number: number): string {
	return `partition_${String(number).padStart(5, "0")}`;
}

/** dualslot.json's entries for that many partitions. */
export function manyPartitions(count: number): Record<string, PartitionConfig> {
	const names = Array.from({ length: count }, (_, at) => partitionName(at));
	return Object.fromEntries(names.map((name) => [name, PAGES]));
}

/** A dualslot.json of that many partitions, which changes may follow. */
export function followedConfig(count: number, generation = 1): Uint8Array {
	return sealed(2, { generation, partitions: manyPartitions(count) });
}

/** A dualslot.changes of these lines, each with a right checksum. */
export function sealedChanges(documents: readonly unknown[]): Uint8Array {
	let sum = "";
	const lines = documents.map((document) => {
		const text = JSON.stringify(document);
		sum = crc32c(bytesOf(sum + text))
			.toString(16)
			.padStart(8, "0");
		return `${sum}${text}\n`;
	});
	return bytesOf(lines.join(""));
}

/** Makes a store record partitions from one number up to another. */
export async function recordPartitions(
	storage: Storage,
	from: number,
	to: number,
): Promise<void> {
	for (let number = from; number < to; number += 1) {
		await contextOf(storage).configure(partitionName(number), PAGES);
	}
}

/** The partitions up to that number that a store knows. */
export function knownOf(storage: Storage, count: number): number[] {
	const numbers = Array.from({ length: count }, (_, number) => number);
	const { config } = contextOf(storage);
	return numbers.filter((number) => config.get(partitionName(number)));
}
