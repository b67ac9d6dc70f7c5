import type { OwnContent, OwnFileKind } from "./own-file.ts";

/** How the files of a store were left by the last clean close. */
export const RECORD_FILE = "dualslot.closed";
export const RECORD: OwnFileKind = { path: RECORD_FILE, format: 1 };
/** Files that it tells of, some 60 bytes each. */
export const FILES_MAX = 65_536;
/** A name, and where they are known a size and last bytes. */
const FILE_LINE = /^([0-9a-f]+)(?: (\d{1,16}) ([0-9a-f]*))?$/;

/** How a file was left. */
export interface ClosedFile {
	/** In bytes, the header's among them. */
	readonly size: number;
	/** Its last bytes, in hex. */
	readonly end: string;
}

/** Of one partition, at a clean close. */
export interface ClosedPartition {
	readonly name: string;
	/** Whether these are all of its files. */
	readonly isWhole: boolean;
	/** By name; undefined where nothing is known of a file but its name. */
	readonly files: readonly (readonly [string, ClosedFile | undefined])[];
}

export function contentOf(partitions: readonly ClosedPartition[]): OwnContent {
	return {
		partitions: partitions.map(({ name, isWhole, files }) => {
			return { name, isWhole, files: files.map(lineOf) };
		}),
	};
}

/** Undefined for what no close has written. */
export function partitionsIn(
	content: OwnContent,
): ClosedPartition[] | undefined {
	const { partitions } = content;
	const found = Array.isArray(partitions) ? partitions.map(partitionIn) : [];
	const isSound = Array.isArray(partitions) && !found.includes(undefined);
	return isSound ? found.filter((one) => one !== undefined) : undefined;
}

function lineOf([name, as]: ClosedPartition["files"][number]): string {
	return as === undefined ? name : `${name} ${as.size} ${as.end}`;
}

function partitionIn(value: unknown): ClosedPartition | undefined {
	if (typeof value !== "object" || value === null) {
		return undefined;
	}
	const { name, isWhole, files }: Partial<Record<string, unknown>> = {
		...value,
	};
	const lines: unknown[] = Array.isArray(files) ? files : [undefined];
	const rows = lines.map((line) => FILE_LINE.exec(String(line)));
	if (typeof name !== "string" || rows.includes(null)) {
		return undefined;
	}
	return { name, isWhole: isWhole === true, files: rows.flatMap(fileIn) };
}

function fileIn(row: RegExpExecArray | null): ClosedPartition["files"] {
	const [, name = "", size, end] = row ?? [];
	const isKnown = size !== undefined && end !== undefined;
	return [[name, isKnown ? { size: Number(size), end } : undefined]];
}
