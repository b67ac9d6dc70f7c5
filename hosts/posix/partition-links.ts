import { lstatSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import { StorageError } from "../../src/errors.ts";
import { failure } from "../../src/host/answers.ts";
import type { HostEntry } from "../../src/host/host.ts";
import { linkedPartition } from "../../src/storage/linked-partition.ts";
import { isPartitionName } from "../../src/storage/names.ts";
import type { HeldDirectory } from "./held-directory.ts";

/**
 * 'refuse' follows no symbolic link in a store, 'follow' those that stand for partitions, and no
 * other.
 */
export type LinkMode = "refuse" | "follow";

/** An entry of node:fs. Users of the package need no types of Node. */
interface ListedEntry {
	readonly name: string;
	isFile(): boolean;
	isDirectory(): boolean;
	isSymbolicLink(): boolean;
}

const MODES: readonly LinkMode[] = ["refuse", "follow"];

/**
 * Which partitions of a store are links, and where the followed ones lead. The store's own
 * directory may be a link.
 */
export class PartitionLinks {
	readonly #root: string;
	readonly #held: HeldDirectory;
	readonly #isFollowing: boolean;
	/** By its target directory, the partition that was used first. */
	readonly #used = new Map<string, string>();

	/** Throws TypeError. */
	constructor(root: string, held: HeldDirectory, links: LinkMode = "refuse") {
		if (!MODES.includes(links)) {
			throw new TypeError(
				`links is 'refuse' or 'follow', not ${String(links)}`,
			);
		}
		this.#root = root;
		this.#held = held;
		this.#isFollowing = links === "follow";
	}

	/**
	 * Throws ERR_PARTITION_CORRUPT where a partition is a link that is not followed, ERR_IN_USE where
	 * a followed one leads to another partition's place, ELOOP for any other directory that is a
	 * link, and ERR_MOVED where it is not the directory used before.
	 */
	refuse(directory: string): void {
		if (directory === "") {
			return;
		}
		const entry = this.#entryOf(directory);
		const isFollowed = this.#isFollowed(directory);
		if (entry?.isSymbolicLink() && !isFollowed) {
			throw isPartitionName(directory)
				? linkedPartition(directory)
				: linkError(join(this.#root, directory));
		}
		const found = entry && isFollowed ? this.#targetOf(directory) : entry;
		const led = found?.isDirectory() ? found : undefined;
		if (led !== undefined && isFollowed) {
			this.#use(directory, identityOf(led));
		}
		this.#held.use(directory, led);
	}

	/** Whether a partition is a link that is followed. */
	isFollowedLink(directory: string): boolean {
		const isLink = () => this.#entryOf(directory)?.isSymbolicLink() ?? false;
		return this.#isFollowed(directory) && isLink();
	}

	/** The kind of an entry in it. */
	kindOf(directory: string, entry: ListedEntry): HostEntry["kind"] {
		const { name } = entry;
		const isFollowed =
			directory === "" && entry.isSymbolicLink() && this.#isFollowed(name);
		const found = isFollowed ? this.#targetOf(name) : entry;
		if (found?.isDirectory()) {
			return "directory";
		}
		return entry.isFile() ? "file" : "other";
	}

	#isFollowed(directory: string): boolean {
		return this.#isFollowing && isPartitionName(directory);
	}

	#use(partition: string, directory: string): void {
		const other = this.#used.get(directory) ?? partition;
		const isStore = this.#isAt(directory, "");
		if (isStore || (other !== partition && this.#isAt(directory, other))) {
			const owner = isStore ? "the store itself" : `partition ${other}`;
			throw new StorageError(
				"ERR_IN_USE",
				`partition ${partition} leads to the directory of ${owner}`,
				{ partition, found: owner },
			);
		}
		this.#used.set(directory, partition);
	}

	/** Checked again: a name that was used before may lead elsewhere by now. */
	#isAt(directory: string, partition: string): boolean {
		const found = this.#targetOf(partition);
		return found !== undefined && identityOf(found) === directory;
	}

	#entryOf(directory: string): Stats | undefined {
		return lstatSync(join(this.#root, directory), { throwIfNoEntry: false });
	}

	#targetOf(directory: string): Stats | undefined {
		return statSync(join(this.#root, directory), { throwIfNoEntry: false });
	}
}

/** The system's error for a file that is a link. */
export function linkError(path: string): Error {
	return failure("ELOOP", `a symbolic link is refused: ${path}`);
}

function identityOf({ dev, ino }: Stats): string {
	return `${dev}:${ino}`;
}
