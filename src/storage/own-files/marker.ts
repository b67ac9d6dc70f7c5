import { hasRoomFor, TEMPORARY_FILE } from "../../host/durable-file.ts";
import type { Host } from "../../host/host.ts";
import { isBlobPath } from "../names.ts";
import { UNSYNCED_WINDOW } from "../unsynced-window.ts";
import { AHEAD_MAX } from "../zeros-budget.ts";
import {
	type OwnContent,
	OwnFile,
	type OwnFileKind,
	type OwnFinding,
	type TextChecksum,
} from "./own-file.ts";

export const MARKER_FILE = "dualslot.open";

const KIND: OwnFileKind = { path: MARKER_FILE, format: 3 };
/** Earlier formats are of writers without zeros ahead. */
const FIRST_WITH_AHEAD = 3;

/**
 * The marker's content: a writer is at work, or the paths of blobs still owed a look after a crash
 * before the last clean close.
 */
interface MarkerContent {
	/** How many unsynced bytes of one blob the writer can leave. */
	readonly window: number;
	/** How many bytes of zeros one blob can end with. */
	readonly ahead: number;
	readonly owed: "all" | readonly string[];
	/** The import that the writer runs, if any. */
	readonly importing?: string;
}

/** With more of them, all blobs are owed a look: so the file stays well below OWN_BYTES_MAX. */
const OWED_MAX = 100_000;

/** Stands for a first-version writer's import, which its marker does not name. */
export const FIRST_VERSION = "first version";

/** What a marker that cannot be trusted may have said at most. */
const AT_MOST: MarkerContent = {
	window: UNSYNCED_WINDOW,
	ahead: AHEAD_MAX,
	owed: "all",
};

/**
 * `dualslot.open` is there while a writer has the store open: durable before its first change,
 * removed by a clean close. Found at open, it says that the last writer was dualslot, crashed, and
 * left at most the window unsynced. Only then may recovery cut at a hole before the last valid
 * page.
 *
 * A blob is owed that look once. A clean close before every owed blob was opened leaves a marker
 * that lists the rest: so it does not hide the earlier crash.
 */
export class OpenMarker {
	readonly #host: Host;
	readonly #file: OwnFile;
	readonly #owed: "all" | ReadonlySet<string>;
	readonly #found: OwnFinding | undefined;
	readonly #settled = new Set<string>();
	/** Blobs that this session dropped with unsynced bytes. */
	readonly #dropped = new Set<string>();
	/** How many unsynced bytes of one blob the crashed writer can have left. */
	readonly window: number;
	/** How many bytes of zeros the crashed writer can have left at the end of one blob. */
	readonly #aheadFound: number;
	/** The same of this session, and of an archive that it imports. */
	#ahead = 0;

	/** The import of the writer that left the file. */
	readonly importing: string | undefined;

	private constructor(
		host: Host,
		file: OwnFile,
		content: MarkerContent,
		found?: OwnFinding,
	) {
		this.#host = host;
		this.#file = file;
		this.importing = content.importing;
		this.#found = found;
		this.#owed = content.owed === "all" ? "all" : new Set(content.owed);
		this.window = content.window;
		this.#aheadFound = content.ahead;
	}

	/** Throws ERR_VERSION. */
	static async load(host: Host, checksum: TextChecksum): Promise<OpenMarker> {
		const file = new OwnFile(host, checksum, KIND);
		const found = await file.read();
		if (found === undefined) {
			return OpenMarker.absent(host, checksum);
		}
		return new OpenMarker(host, file, markerIn(found), found);
	}

	/** Whether the file was there, with any content. */
	get isFound(): boolean {
		return this.#found !== undefined;
	}

	/** How many bytes of zeros a blob can end with that is owed a look. */
	aheadOf(path: string): number {
		return this.#dropped.has(path) ? this.#aheadOfAny : this.#aheadFound;
	}

	get #aheadOfAny(): number {
		const found = this.foundCrash ? this.#aheadFound : 0;
		return Math.max(this.#ahead, found);
	}

	/**
	 * For a store that must stay without dualslot's files: never written, and never a reason to cut.
	 */
	static absent(host: Host, checksum: TextChecksum): OpenMarker {
		const file = new OwnFile(host, checksum, KIND);
		return new OpenMarker(host, file, { ...AT_MOST, ahead: 0, owed: [] });
	}

	/**
	 * Whether a blob may be owed a look: the last writer crashed, or a blob was dropped, and that was
	 * not settled yet.
	 */
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
		// Where nothing is owed nothing is remembered, however many blobs come and go.
		if (this.#owed === "all" || this.#owed.has(path)) {
			this.#settled.add(path);
		}
		this.#dropped.delete(path);
	}

	/** A blob was dropped as by a crash, in a session that may still close clean. */
	owe(path: string): void {
		this.#dropped.add(path);
	}

	/**
	 * Durable when it resolves; awaited before the first change of the store. `ahead`: how many bytes
	 * of zeros this session may leave at the end of a blob. Those that an earlier one left count too.
	 */
	async raise(ahead: number): Promise<void> {
		this.#ahead = ahead;
		const found = this.#found;
		if (found === undefined || !this.#file.is(this.#raised, found)) {
			await this.#file.write(this.#raised);
			return;
		}
		// Its bytes were durable before it had its name; its writer may have died before the name was
		// durable.
		await this.#host.remove(TEMPORARY_FILE);
		await this.#host.syncDirectory("");
	}

	/** As raise, before the first file of an import. */
	async raiseForImport(name: string): Promise<void> {
		await this.#file.write({ ...this.#raised, importing: name });
	}

	get #raised(): OwnContent {
		return { window: UNSYNCED_WINDOW, ahead: this.#aheadOfAny, owed: "all" };
	}

	/**
	 * For a clean close: `blobs` are the paths of all blobs that a crash could have left with a hole.
	 * Returns false where the disk has no room: the marker stays raised, and the next session looks
	 * at every blob.
	 */
	async lower(blobs: readonly string[]): Promise<boolean> {
		const content = this.#contentFor(blobs);
		return hasRoomFor(this.#host, () =>
			content === undefined
				? this.#file.removeDurably()
				: this.#file.write(content),
		);
	}

	/** The marker that a clean close would leave for these blobs; undefined where none. */
	bytesFor(blobs: readonly string[]): Uint8Array | undefined {
		const content = this.#contentFor(blobs);
		return content && this.#file.encode(content);
	}

	/**
	 * Reads an archive's marker. The returned function adopts it for the archive's blobs: each is
	 * owed a look. Throws ERR_VERSION.
	 */
	adoption(bytes: Uint8Array): (blobs: readonly string[]) => void {
		const { owed, ahead } = markerIn(this.#file.judge(bytes));
		return (blobs) => {
			this.#ahead = Math.max(this.#ahead, ahead);
			for (const path of owed === "all" ? blobs : owed) {
				this.owe(path);
			}
		};
	}

	#contentFor(blobs: readonly string[]): OwnContent | undefined {
		const owed = blobs.filter((path) => this.owes(path));
		if (owed.length === 0) {
			return undefined;
		}
		const isMany = owed.length > OWED_MAX;
		const ahead = this.#aheadOfAny;
		return { window: this.window, ahead, owed: isMany ? "all" : owed };
	}
}

/**
 * Its presence is the file's main message: where the rest cannot be trusted, every blob is owed a
 * look after a crash.
 */
function markerIn(found: OwnFinding): MarkerContent {
	const { window, ahead, owed, importing } = contentIn(found);
	const isKnown = isWindow(window) && isAhead(ahead) && isOwed(owed);
	if (!isKnown) {
		return AT_MOST;
	}
	return typeof importing === "string"
		? { window, ahead, owed, importing }
		: { window, ahead, owed };
}

function contentIn(found: OwnFinding): OwnContent {
	if (found.content === undefined) {
		return unsealedIn(found.bytes);
	}
	return found.format < FIRST_WITH_AHEAD
		? { ...found.content, ahead: 0 }
		: found.content;
}

/**
 * The first version's content, without format and checksum: `importing` is FIRST_VERSION while its
 * writer was at work.
 */
function unsealedIn(bytes: Uint8Array): OwnContent {
	const text = new TextDecoder().decode(bytes);
	const content = { ...AT_MOST, ahead: 0 };
	if (text === unsealed(content)) {
		return { ...content, importing: FIRST_VERSION };
	}
	try {
		const { owed } = JSON.parse(text);
		return text === unsealed({ ...content, owed }) ? { ...content, owed } : {};
	} catch {
		return {};
	}
}

function unsealed({ window, owed }: MarkerContent): string {
	return `${JSON.stringify({ window, owed })}\n`;
}

function isWindow(value: unknown): value is number {
	const isWhole = Number.isSafeInteger(value);
	return isWhole && Number(value) > 0 && Number(value) <= UNSYNCED_WINDOW;
}

function isAhead(value: unknown): value is number {
	const isWhole = Number.isSafeInteger(value);
	return isWhole && Number(value) >= 0 && Number(value) <= AHEAD_MAX;
}

function isOwed(value: unknown): value is MarkerContent["owed"] {
	const isList = Array.isArray(value);
	return value === "all" || (isList && value.every(isPath));
}

function isPath(value: unknown): boolean {
	return typeof value === "string" && isBlobPath(value);
}
