import { checkFlag, checkOptions } from "../../checks.ts";
import { failingAs } from "../../errors.ts";
import { replaceFile } from "../../host/durable-file.ts";
import type { Host } from "../../host/host.ts";
import { COPY_BYTES } from "../../host/read-sizes.ts";
import type { StorageBlob } from "../storage-blob.ts";

export const CUT_DIRECTORY = "dualslot.cut";
/** The partition, the blob in hex, the offset in the blob, and a number. */
const COPY = /^([A-Za-z0-9_-]+)\.([0-9a-f]+)\.(\d{1,16})\.\d{1,16}$/;

/** A copy of bytes that recovery cut off a blob and could not explain. */
export interface CutCopy {
	/** The copy's name in dualslot.cut. */
	readonly name: string;
	/** The partition of the blob. */
	readonly partition: string;
	/** The blob's name in lower-case hex, as its file is called. */
	readonly blob: string;
	/** The byte of the blob where it began. */
	readonly offset: number;
}

/** Options for removing data that recovery may have cut before. */
export interface RemoveOptions {
	/** Keeps the copies of its cut bytes in dualslot.cut. False by default. */
	readonly keepCut?: boolean;
}

/** Throws TypeError. */
export function keepsCut(options: RemoveOptions): boolean {
	checkOptions(options);
	checkFlag("keepCut", options.keepCut);
	return options.keepCut ?? false;
}

/** Whether a copy is of this blob, or of any blob of the partition. */
export function isCutOf(
	partition: string,
	hexName?: string,
): (copy: CutCopy) => boolean {
	return (copy) =>
		copy.partition === partition &&
		(hexName === undefined || copy.blob === hexName);
}

/** The parts that make and remove copies. */
interface CutSource {
	readonly host: Host;
	/** False in a store that is open for reading, or is to stay without dualslot's files. */
	readonly isKeeping: boolean;
	/** Holds the store's mutex. */
	readonly exclusively: <T>(body: () => Promise<T>) => Promise<T>;
}

/** The copies of a store. */
export class CutCopies {
	readonly #source: CutSource;
	/** Whether there is surely none: nobody else makes any. */
	#areNone = false;

	constructor(source: CutSource) {
		this.#source = source;
	}

	/**
	 * Keeps a blob's bytes from an offset on, durably, outside every partition. Returns the copy's
	 * path in the store; undefined where none is kept.
	 */
	async keep(blob: StorageBlob, offset: number): Promise<string | undefined> {
		const { host, isKeeping, exclusively } = this.#source;
		if (!isKeeping) {
			return undefined;
		}
		const { partition, hexName } = blob;
		const place = { partition, blob: hexName, offset };
		const name = `${partition}.${hexName}.${offset}`;
		const keep = () => keepBytes(host, name, piecesOf(blob, offset));
		return exclusively(() => {
			this.#areNone = false;
			return failingAs("ERR_IO", "the cut was not kept", place, keep);
		});
	}

	/** In ascending order of their names. */
	list(): Promise<CutCopy[]> {
		return this.#source.exclusively(() => this.#list());
	}

	/** Removes the matching copies durably. Returns false when there was none. */
	remove(isMeant: (copy: CutCopy) => boolean): Promise<boolean> {
		return this.#source.exclusively(() => this.#remove(isMeant));
	}

	async #list(): Promise<CutCopy[]> {
		const place = { path: CUT_DIRECTORY };
		const message = `${CUT_DIRECTORY} was not listed`;
		const entries = await failingAs("ERR_IO", message, place, () =>
			this.#source.host.list(CUT_DIRECTORY),
		);
		const names = (entries ?? []).map(({ name = "" }) => name).sort();
		return names.flatMap((name) => copyOf(name) ?? []);
	}

	async #remove(isMeant: (copy: CutCopy) => boolean): Promise<boolean> {
		if (this.#areNone) {
			return false;
		}
		const { host } = this.#source;
		const all = await this.#list();
		const meant = all.filter(isMeant);
		for (const { name } of meant) {
			await this.#changing(name, (path) => host.remove(path));
		}
		if (meant.length > 0) {
			await this.#changing("", () => host.syncDirectory(CUT_DIRECTORY));
		}
		this.#areNone = meant.length === all.length;
		return meant.length > 0;
	}

	async #changing(
		name: string,
		change: (path: string) => unknown,
	): Promise<void> {
		const path = `${CUT_DIRECTORY}/${name}`;
		await failingAs("ERR_IO", `not removed: ${path}`, { path }, () =>
			change(path),
		);
	}
}

/** Keeps any bytes as a copy; `name` says where they lay. */
export async function keepBytes(
	host: Host,
	name: string,
	bytes: Uint8Array | AsyncIterable<Uint8Array>,
): Promise<string> {
	await host.makeDirectory(CUT_DIRECTORY);
	const entries = (await host.list(CUT_DIRECTORY)) ?? [];
	const taken = new Set(entries.map((entry) => entry.name));
	let number = entries.length;
	// After a removal, the count of copies may be the number of one that is left.
	while (taken.has(`${name}.${number}`)) {
		number += 1;
	}
	const copy = `${CUT_DIRECTORY}/${name}.${number}`;
	await replaceFile(host, copy, bytes);
	return copy;
}

function copyOf(name: string): CutCopy | undefined {
	const [, partition, blob, offset] = COPY.exec(name) ?? [];
	return partition === undefined || blob === undefined
		? undefined
		: { name, partition, blob, offset: Number(offset) };
}

async function* piecesOf(
	blob: StorageBlob,
	offset: number,
): AsyncGenerator<Uint8Array, void, undefined> {
	for (let at = offset; at < blob.size; at += COPY_BYTES) {
		yield await blob.read(at, Math.min(COPY_BYTES, blob.size - at));
	}
}
