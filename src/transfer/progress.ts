import { checkOptions, checkSignal, kindOf } from "../checks.ts";
/** How far an export or an import is. */
export interface TransferProgress {
	/** The current file's path in the store. */
	readonly path: string;
	/** Files that are complete. */
	readonly files: number;
	/** Bytes of files copied so far. */
	readonly bytes: number;
	/** How many files in all; undefined in an import: its archive does not tell. */
	readonly totalFiles: number | undefined;
	/** How many bytes in all; undefined in an import. */
	readonly totalBytes: number | undefined;
}

export interface TransferOptions {
	/**
	 * Called at each file's start, after each of its pieces, and at its end. When it throws, the
	 * transfer ends.
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

/** Throws TypeError for invalid options. */
export function checkTransfer(options: TransferOptions): void {
	checkOptions(options);
	const { progress, signal } = options;
	if (progress !== undefined && typeof progress !== "function") {
		throw new TypeError(`progress is a function, not ${kindOf(progress)}`);
	}
	checkSignal(signal);
}

/** Counts copied files and bytes, and reports progress. */
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
