import { isBlobPath, isPartitionName } from "../names.ts";
import type { OwnContent, OwnFileKind } from "./own-file.ts";

/** The record of a store's files that a clean close leaves. */
export const RECORD_FILE = "dualslot.closed";
export const RECORD: OwnFileKind = { path: RECORD_FILE, format: 1 };
/** The most files in a record, some 60 bytes each. */
export const FILES_MAX = 65_536;
/** A name, then size and last bytes where they are known. */
const FILE_LINE = /^([0-9a-z.]+)(?: (\d{1,16}) ([0-9a-f]*))?$/;

/** A file's state at the close. */
export interface ClosedFile {
	/** In bytes, including the header. */
	readonly size: number;
	/** Its last bytes in hex; in a packed store another value that tells files of one size apart. */
	readonly end: string;
}

/** By name; undefined where only a file's name is known. */
export type ClosedFiles = readonly (readonly [
	string,
	ClosedFile | undefined,
])[];

/** One partition at a clean close. */
export interface ClosedPartition {
	readonly name: string;
	/** Whether `files` lists all of its files. */
	readonly isWhole: boolean;
	readonly files: ClosedFiles;
}

export function contentOf(partitions: readonly ClosedPartition[]): OwnContent {
	return {
		partitions: partitions.map(({ name, isWhole, files }) => {
			return { name, isWhole, files: linesOf(files) };
		}),
	};
}

/** Undefined for content that no close writes. */
export function partitionsIn(
	content: OwnContent,
): ClosedPartition[] | undefined {
	const { partitions } = content;
	return Array.isArray(partitions) ? allIn(partitions, partitionIn) : undefined;
}

export function linesOf(files: ClosedFiles): string[] {
	return files.map(([name, as]) =>
		as === undefined ? name : `${name} ${as.size} ${as.end}`,
	);
}

/** Undefined for lines that name no files. */
export function filesIn(lines: unknown): ClosedFiles | undefined {
	return Array.isArray(lines) ? allIn(lines, fileIn) : undefined;
}

function partitionIn(value: unknown): ClosedPartition | undefined {
	if (typeof value !== "object" || value === null) {
		return undefined;
	}
	const { name, isWhole, files }: Partial<Record<string, unknown>> = {
		...value,
	};
	const found = filesIn(files);
	const isOurs =
		typeof name === "string" &&
		isPartitionName(name) &&
		found?.every(([file]) => isBlobPath(`${name}/${file}`));
	return isOurs && found !== undefined
		? { name, isWhole: isWhole === true, files: found }
		: undefined;
}

function fileIn(line: unknown): ClosedFiles[number] | undefined {
	const row = FILE_LINE.exec(String(line));
	if (row === null) {
		return undefined;
	}
	const [, name = "", size, end] = row;
	const isKnown = size !== undefined && end !== undefined;
	if (isKnown && !Number.isSafeInteger(Number(size))) {
		return undefined;
	}
	return [name, isKnown ? { size: Number(size), end } : undefined];
}

/** Every value parsed; undefined where one of them cannot be. */
function allIn<T>(
	values: readonly unknown[],
	say: (value: unknown) => T | undefined,
): T[] | undefined {
	const found: T[] = [];
	for (const value of values) {
		const said = say(value);
		if (said === undefined) {
			return undefined;
		}
		found.push(said);
	}
	return found;
}
