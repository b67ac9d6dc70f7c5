import { checkOptions, checkSignal, kindOf } from "../checks.ts";
/** How far an export or an import is. */
export interface TransferProgress {
	/** The file at hand, as it is called in the store. */
	readonly path: string;
	/** Files that are over and done with. */
	readonly files: number;
	/** Bytes of files that were copied. */
	readonly bytes: number;
	/** How many there will be; undefined in an import, whose archive does not say so. */
	readonly totalFiles: number | undefined;
	/** Bytes of files that there will be; undefined in an import. */
	readonly totalBytes: number | undefined;
}

export interface TransferOptions {
	/**
	 * Called at each file's beginning, after each of its pieces, and at its end. What it throws ends
	 * the transfer.
	 */
	readonly progress?: (progress: TransferProgress) => void;
	/** Ends the transfer, which rejects with its reason. */
	readonly signal?: AbortSignal;
}

/** What was copied. */
export interface TransferResult {
	/** Files that were copied. */
	readonly files: number;
	/** Bytes of those files. */
	readonly bytes: number;
}

/** Throws TypeError for what are no options. */
export function checkTransfer(options: TransferOptions): void {
	checkOptions(options);
	const { progress, signal } = options;
	if (progress !== undefined && typeof progress !== "function") {
		throw new TypeError(`progress is a function, not ${kindOf(progress)}`);
	}
	checkSignal(signal);
}

/** Counts what is copied, and tells who wants to know. */
export class TransferTally {
	readonly #options: TransferOptions;
	readonly #totalFiles: number | undefined;
	readonly #totalBytes: number | undefined;
	#files = 0;
	#bytes = 0;

	constructor(
		options: TransferOptions,
		totalFiles?: number,
		totalBytes?: number,
	) {
		this.#options = options;
		this.#totalFiles = totalFiles;
		this.#totalBytes = totalBytes;
	}

	get result(): TransferResult {
		return { files: this.#files, bytes: this.#bytes };
	}

	/** More of a file's bytes were copied. */
	add(path: string, bytes: number): void {
		this.#bytes += bytes;
		this.#options.progress?.({
			path,
			files: this.#files,
			bytes: this.#bytes,
			totalFiles: this.#totalFiles,
			totalBytes: this.#totalBytes,
		});
	}

	/** A file was copied to its end. */
	end(path: string): void {
		this.#files += 1;
		this.add(path, 0);
	}
}
