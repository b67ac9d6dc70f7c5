import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Random } from "../support/runs/prng.ts";
import { deleteRecord, setRecord } from "./manifest-bytes.ts";
import { randomGuid } from "./packed-frames.ts";

const LOG_BYTES_MIN = 1024 * 1024;

export interface LongLog {
	readonly bytes: Buffer;
	/** Those that it leaves with a slot. */
	readonly guids: readonly string[];
}

/**
 * A log that is some records short of being folded up, by the one rule or the other: of few GUIDs, or of so many that four times
 * their snapshot is longer than 1 MiB. Their frames are nowhere, and every other slot is free.
 */
export function longLog(random: Random): LongLog {
	const count = random.pick([1, 30, random.integer(8150, 9000)]);
	const guids = Array.from({ length: count }, () => randomGuid(random));
	const short = random.integer(0, 100);
	const records: Buffer[] = [];
	const mapped = new Set<string>();
	let size = 0;
	for (
		let index = 0;
		size < limitOf(mapped.size) - short;
		index = (index + 1) % count
	) {
		const guid = guids[index] ?? "";
		const isDeleted = random.chance(0.01);
		const added = isDeleted
			? deleteRecord(guid)
			: setRecord(guid, BigInt(2 * index));
		mapped[isDeleted ? "delete" : "add"](guid);
		records.push(added);
		size += added.length;
	}
	return { bytes: Buffer.concat(records), guids: [...mapped] };
}

function limitOf(guids: number): number {
	return Math.max(LOG_BYTES_MIN, 4 * (24 + 32 * guids));
}

/** Makes a store of nothing but a log. */
export function writeLog(directory: string, log: LongLog): void {
	mkdirSync(directory);
	writeFileSync(join(directory, "manifest.log"), log.bytes);
}
