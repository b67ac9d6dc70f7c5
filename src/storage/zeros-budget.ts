/** The most bytes of zeros ahead of one file. */
export const AHEAD_MAX = 1024 * 1024;

/** The most bytes of zeros ahead of all files of one store. */
const STORE_AHEAD_MAX = 16 * 1024 * 1024;

/** A file that keeps zeros ahead of its content. */
export interface Reserving {
	/** How many bytes of zeros the file ends with. */
	readonly reserved: number;
	/** Cuts the zeros, and writes no others until a write finds room. Never rejects. */
	cutForRoom(): Promise<void>;
	/** Cuts the zeros, for a file that needs them more. Never rejects. */
	cutForOther(): Promise<void>;
}

/** What the files of one store may spend on zeros ahead of their content. */
export class ZerosBudget {
	/** The most bytes of zeros ahead of one file. */
	readonly ahead: number;
	/** After how many synced growths in a row a file gets zeros. */
	readonly after: number;
	readonly #most: number;
	/** The file that was granted zeros, or grew, longest ago comes first. */
	readonly #granted = new Map<Reserving, number>();
	#cutting: Promise<void> | undefined;

	constructor(ahead: number, after: number, most = STORE_AHEAD_MAX) {
		this.ahead = ahead;
		this.after = after;
		this.#most = most;
	}

	/** Bytes of zeros that files end with. */
	get reserved(): number {
		const files = [...this.#granted.keys()];
		return files.reduce((sum, { reserved }) => sum + reserved, 0);
	}

	/**
	 * Asks for so many bytes in all for a file; returns how many it may have. Where that is less,
	 * another file's zeros are cut in the background, and a later call gets more.
	 */
	grant(file: Reserving, bytes: number): number {
		this.grew(file);
		let left = this.#most;
		for (const [other, granted] of this.#granted) {
			left -= other === file ? 0 : granted;
		}
		const granted = Math.max(0, Math.min(bytes, left));
		if (granted > 0) {
			this.#granted.set(file, granted);
		}
		const [longest] = this.#granted.keys();
		if (granted < bytes && longest !== file) {
			void longest?.cutForOther();
		}
		return granted;
	}

	/** The file is in use: others lose their zeros first. */
	grew(file: Reserving): void {
		const granted = this.#granted.get(file);
		if (granted !== undefined) {
			this.#granted.delete(file);
			this.#granted.set(file, granted);
		}
	}

	giveBack(file: Reserving): void {
		this.#granted.delete(file);
	}

	/** Cuts the zeros of all files. Returns whether there were any, or some were being written. */
	async cutAll(): Promise<boolean> {
		const had = this.#granted.size > 0;
		this.#cutting ??= this.#cutEach();
		await this.#cutting;
		return had;
	}

	async #cutEach(): Promise<void> {
		const files = [...this.#granted.keys()];
		try {
			await Promise.all(files.map((file) => file.cutForRoom()));
		} finally {
			this.#cutting = undefined;
		}
	}
}
