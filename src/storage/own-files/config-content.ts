import { StorageError } from "../../errors.ts";
import type { PartitionChange } from "./change-log.ts";
import type { OwnContent } from "./own-file.ts";
import { type PartitionConfig, partitionsIn } from "./partition-config.ts";

export const CONFIG_FILE = "dualslot.json";

/** What each partition holds. */
export type PartitionConfigs = ReadonlyMap<string, PartitionConfig>;

export function changed(
	partitions: PartitionConfigs,
	changes: readonly PartitionChange[],
): Map<string, PartitionConfig> {
	const all = new Map(partitions);
	for (const [partition, config] of changes) {
		if (config === null) {
			all.delete(partition);
		} else {
			all.set(partition, config);
		}
	}
	return all;
}

/** Throws ERR_CONFIG. */
export function contentOf(partitions: PartitionConfigs): OwnContent {
	const sorted = [...partitions].sort(([one], [other]) =>
		one < other ? -1 : 1,
	);
	const content = Object.fromEntries(sorted);
	checkedPartitions(content);
	return { partitions: content };
}

/** Also checks content to be written, so that it can be read again. Throws ERR_CONFIG. */
export function checkedPartitions(partitions: unknown): PartitionConfigs {
	return partitionsIn(partitions, (reason) => {
		throw untrustedConfig(reason);
	});
}

/** How many bytes a partition takes in dualslot.json; one too many for the last. */
export function lineSize(
	partition: string,
	config: PartitionConfig | null | undefined,
): number {
	if (config === null || config === undefined) {
		return 0;
	}
	const text = JSON.stringify({ [partition]: config }, null, "\t");
	const lines = text.split("\n").length - 2;
	// Less the braces and newlines around it, plus a tab for each line, a comma and its newline.
	return text.length - 4 + lines + 2;
}

export function untrustedConfig(reason: string): StorageError {
	return new StorageError(
		"ERR_CONFIG",
		`${CONFIG_FILE} cannot be trusted: ${reason}. If the data is known to be good, remove the file and open each partition with its own parameters`,
		{ path: CONFIG_FILE },
	);
}
