import { readWhole, replaceFile, TEMPORARY_FILE } from "./durable-file.ts";
import { failureName } from "./errors.ts";
import type { Host } from "./host.ts";
import { UNSYNCED_WINDOW } from "./window.ts";

export const MARKER_FILE = "dualslot.open";

/** What the marker says: a writer is at work, or the blobs (by path) that a crash before the last clean close left unlooked at. */
interface MarkerContent {
	readonly window: number;
	readonly owed: "all" | readonly string[];
}

const RAISED: MarkerContent = { window: UNSYNCED_WINDOW, owed: "all" };

/**
 * `dualslot.open`: there while a writer has the store open, durable before its first mutation, removed by a clean
 * close. Found at open, it says that the last writer was dualslot, crashed, and left no more than the window unsynced:
 * only then may recovery cut at a hole before the last valid page.
 *
 * A blob is owed that look once. A writer that closes clean without having opened every owed blob leaves a marker
 * that lists the rest, so that its own clean close does not hide the earlier crash.
 */
export class OpenMarker {
	readonly #host: Host;
	readonly #owed: "all" | ReadonlySet<string>;
	/** Whether the file was found with what raising it would write. */
	readonly #isRaised: boolean;
	readonly #settled = new Set<string>();
	/** Blobs that this session let go of with bytes that no sync has covered. */
	readonly #dropped = new Set<string>();
	/** How many unsynced bytes of one blob the crashed writer can have left. */
	readonly window: number;

	private constructor(host: Host, content: MarkerContent, isRaised: boolean) {
		this.#host = host;
		this.#isRaised = isRaised;
		this.#owed = content.owed === "all" ? "all" : new Set(content.owed);
		this.window = content.window;
	}

	static async load(host: Host): Promise<OpenMarker> {
		const bytes = await readWhole(host, MARKER_FILE);
		if (bytes === undefined) {
			return OpenMarker.absent(host);
		}
		const text = new TextDecoder().decode(bytes);
		return new OpenMarker(host, parse(text), text === textOf(RAISED));
	}

	/** For a store that is to stay without dualslot's files: never written, and never a reason to cut. */
	static absent(host: Host): OpenMarker {
		return new OpenMarker(host, { window: UNSYNCED_WINDOW, owed: [] }, false);
	}

	/** Whether a blob may be owed a look: the last writer crashed, or a blob was dropped, and nobody has looked into it since. */
	get foundCrash(): boolean {
		return (
			this.#owed === "all" || this.#owed.size > 0 || this.#dropped.size > 0
		);
	}

	/** Whether a crash may have left a hole in this blob that nobody looked for yet. */
	owes(path: string): boolean {
		const owed = this.#owed === "all" || this.#owed.has(path);
		return this.#dropped.has(path) || (owed && !this.#settled.has(path));
	}

	/** All that the blob holds is durable. */
	settle(path: string): void {
		this.#settled.add(path);
		this.#dropped.delete(path);
	}

	/** A blob was let go of as a crash would, within a session that may yet end with a clean close. */
	owe(path: string): void {
		this.#dropped.add(path);
	}

	/** Durable when it returns; awaited before the first mutation of the store. */
	async raise(): Promise<void> {
		if (!this.#isRaised) {
			const content = new TextEncoder().encode(textOf(RAISED));
			await replaceFile(this.#host, MARKER_FILE, content);
			return;
		}
		// Its bytes were durable before it had its name; who died with it raised may have died before the name was.
		await this.#host.remove(TEMPORARY_FILE);
		await this.#host.syncDirectory("");
	}

	/** A clean close: `blobs` are the paths of all that a crash could have left with a hole. */
	async lower(blobs: readonly string[]): Promise<void> {
		const content = this.contentFor(blobs);
		if (content !== undefined) {
			await replaceFile(this.#host, MARKER_FILE, content);
			return;
		}
		await this.#host.remove(MARKER_FILE);
		await this.#host.syncDirectory("");
	}

	/** What a clean close would leave of these blobs; undefined where that is nothing. */
	contentFor(blobs: readonly string[]): Uint8Array | undefined {
		const owed = blobs.filter((path) => this.owes(path));
		return owed.length === 0
			? undefined
			: new TextEncoder().encode(textOf({ window: this.window, owed }));
	}

	/** Takes over what a marker says of blobs that have come with it: each is owed a look. */
	adopt(bytes: Uint8Array, blobs: readonly string[]): void {
		const { owed } = parse(new TextDecoder().decode(bytes));
		const owes = owed === "all" ? blobs : owed;
		for (const path of owes) {
			this.owe(path);
		}
	}
}

function textOf(content: MarkerContent): string {
	return `${JSON.stringify(content)}\n`;
}

/** Its presence is the message: content that cannot be read owes every blob the look that a crash does. */
function parse(text: string): MarkerContent {
	try {
		const { window, owed }: Partial<MarkerContent> = JSON.parse(text) ?? {};
		const known = Number.isSafeInteger(window) && Array.isArray(owed);
		return known && window !== undefined && owed !== undefined
			? { window, owed }
			: {
					...RAISED,
					window:
						Number.isSafeInteger(window) && window ? window : UNSYNCED_WINDOW,
				};
	} catch (error) {
		if (failureName(error) === "SyntaxError") {
			return RAISED;
		}
		throw error;
	}
}
