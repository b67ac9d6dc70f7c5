import { newBytes } from "../../bytes.ts";
import { StorageError } from "../../errors.ts";
import { replaceFile } from "../../host/durable-file.ts";
import type { Host, HostFile } from "../../host/host.ts";
import { openThere } from "../../host/open-there.ts";
import { readWhole } from "../../host/whole-read.ts";
import { endingWith } from "../../turns/endings.ts";
import { OWN_BYTES_MAX, type TextChecksum } from "./own-file.ts";
import { type PartitionConfig, partitionsIn } from "./partition-config.ts";

export const CHANGES_FILE = "dualslot.changes";

const FORMAT = 1;
/** CRC-32C in hex, then JSON. */
const LINE = /^([0-9a-f]{8})(\{.*\})$/;

/** A partition and its parameters; null where it was removed. */
export type PartitionChange = readonly [
	partition: string,
	config: PartitionConfig | null,
];

/** The contents of `dualslot.changes`. */
export interface FoundChanges {
	/** The generation of dualslot.json before them. */
	readonly generation: number;
	/** In the order of the changes. */
	readonly changes: readonly PartitionChange[];
	/** Undefined where a crash tore the last append: no line can follow it. */
	readonly log: ChangeLog | undefined;
}

/** The checksum of the last line, and the size in bytes up to its end. */
interface LogEnd {
	readonly sum: string;
	readonly size: number;
}

/**
 * `dualslot.changes`: a line for each change of partitions since dualslot.json was written, durable
 * before the change resolves. Each line's checksum covers the checksum of the line before, so a
 * missing line is noticed.
 */
export class ChangeLog {
	readonly #host: Host;
	readonly #checksum: TextChecksum;
	#end: LogEnd;

	private constructor(host: Host, checksum: TextChecksum, end: LogEnd) {
		this.#host = host;
		this.#checksum = checksum;
		this.#end = end;
	}

	/** Replaces the file durably. Its first change follows the dualslot.json of this generation. */
	static async start(
		host: Host,
		checksum: TextChecksum,
		generation: number,
		change: PartitionChange,
	): Promise<ChangeLog> {
		const header = lineOf(checksum, "", { format: FORMAT, generation });
		const first = lineOf(checksum, sumOf(header), Object.fromEntries([change]));
		const bytes = new TextEncoder().encode(header + first);
		await replaceFile(host, CHANGES_FILE, bytes);
		const end = { sum: sumOf(first), size: bytes.length };
		return new ChangeLog(host, checksum, end);
	}

	/** Undefined where there is no file. Throws ERR_CONFIG for a damaged file, ERR_VERSION. */
	static async read(
		host: Host,
		checksum: TextChecksum,
	): Promise<FoundChanges | undefined> {
		const file = await host.open(CHANGES_FILE, "read");
		if (file === undefined) {
			return undefined;
		}
		const bytes = await endingWith(
			() => boundedBytes(file),
			() => file.close(),
		);
		return ChangeLog.judge(host, checksum, bytes);
	}

	/** Throws as `read`. */
	static judge(
		host: Host,
		checksum: TextChecksum,
		bytes: Uint8Array,
	): FoundChanges {
		const { documents, sum, isTorn } = linesIn(checksum, bytes);
		const [header, ...rest] = documents;
		const generation = generationIn(header);
		const changes = rest.flatMap(changesIn);
		const end = { sum, size: bytes.length };
		const log = isTorn ? undefined : new ChangeLog(host, checksum, end);
		return { generation, changes, log };
	}

	/** In bytes. */
	get size(): number {
		return this.#end.size;
	}

	/** Durable when it resolves. After a failed append the log takes no other. */
	async append(change: PartitionChange): Promise<void> {
		const { sum, size } = this.#end;
		const line = lineOf(this.#checksum, sum, Object.fromEntries([change]));
		const bytes = new TextEncoder().encode(line);
		await this.#withFile(async (file) => {
			await file.write([bytes], size);
			await file.sync();
		});
		this.#end = { sum: sumOf(line), size: size + bytes.length };
	}

	/** Makes lines durable that a dead writer may not have synced. */
	async sync(): Promise<void> {
		await this.#withFile(async (file) => file.sync());
	}

	async #withFile(step: (file: HostFile) => Promise<void>): Promise<void> {
		const file = await openThere(this.#host, CHANGES_FILE, "write");
		await endingWith(
			() => step(file),
			() => file.close(),
		);
	}
}

export function untrustedChanges(reason: string): StorageError {
	return new StorageError(
		"ERR_CONFIG",
		`${CHANGES_FILE} cannot be trusted: ${reason}. If the data is known to be good, remove it and dualslot.json, and open each partition with its own parameters`,
		{ path: CHANGES_FILE },
	);
}

function lineOf(
	checksum: TextChecksum,
	previous: string,
	document: object,
): string {
	const text = JSON.stringify(document);
	return `${hexOf(checksum(previous + text))}${text}\n`;
}

function sumOf(line: string): string {
	return line.slice(0, 8);
}

function hexOf(checksum: number): string {
	return checksum.toString(16).padStart(8, "0");
}

async function boundedBytes(file: HostFile): Promise<Uint8Array> {
	const size = await file.size();
	if (size > OWN_BYTES_MAX) {
		throw untrustedChanges(`it has ${size} bytes, more than ${OWN_BYTES_MAX}`);
	}
	const bytes = newBytes(size);
	await readWhole(file, CHANGES_FILE, bytes, 0);
	return bytes;
}

/** The documents of all whole lines, and the checksum of the last one. Throws ERR_CONFIG. */
function linesIn(checksum: TextChecksum, bytes: Uint8Array) {
	const documents: unknown[] = [];
	const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
	let sum = "";
	let at = 0;
	while (at < text.length) {
		const found = text.indexOf("\n", at);
		// A last line that lacks only its newline counts: no crash loses the newline alone.
		const end = found < 0 ? text.length - 1 : found;
		const [, said, json = ""] = LINE.exec(text.slice(at, end)) ?? [];
		if (said === undefined || said !== hexOf(checksum(sum + json))) {
			return { documents, sum, isTorn: tornFrom(text.slice(at)) };
		}
		documents.push(JSON.parse(json));
		sum = said;
		at = end + 1;
	}
	return { documents, sum, isTorn: !text.endsWith("\n") };
}

/**
 * Throws ERR_CONFIG unless a torn write explains this end of the file: one line, cut short or with
 * sectors of zeros.
 */
function tornFrom(rest: string): true {
	const end = rest.indexOf("\n");
	const isOne = end < 0 || end === rest.length - 1;
	if (!isOne || (end >= 0 && !rest.includes("\0"))) {
		throw untrustedChanges("a line and its checksum disagree");
	}
	return true;
}

/** The first line was durable before the file had its name. Throws ERR_CONFIG, ERR_VERSION. */
function generationIn(header: unknown): number {
	const { format, generation } = fieldsOf(header);
	if (Number(format) > FORMAT) {
		throw laterVersion(Number(format));
	}
	if (!Number.isSafeInteger(generation) || format !== FORMAT) {
		throw untrustedChanges("it does not say what it follows");
	}
	return Number(generation);
}

/** The changes in a line. Throws ERR_CONFIG. */
function changesIn(document: unknown): PartitionChange[] {
	const fields = fieldsOf(document);
	const isRemoved = (name: string) => fields[name] === null;
	const removed = Object.keys(fields).filter(isRemoved);
	const others = Object.entries(fields).filter(([name]) => !isRemoved(name));
	const configs = partitionsIn(Object.fromEntries(others), (reason) => {
		throw untrustedChanges(reason);
	});
	return [...removed.map((name) => [name, null] as const), ...configs];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
	return typeof value === "object" && value !== null ? { ...value } : {};
}

function laterVersion(found: number): StorageError {
	return new StorageError(
		"ERR_VERSION",
		`${CHANGES_FILE} is of format ${found}, written by a later version of dualslot; this one knows ${FORMAT}`,
		{ path: CHANGES_FILE, expected: FORMAT, found },
	);
}
