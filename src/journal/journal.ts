import { checkRange } from "../checks.ts";
import type { JournalStats } from "../host/stats.ts";
import { withJson } from "../json.ts";
import { keepsCut, type RemoveOptions } from "../storage/own-files/cut.ts";
import { countsJournal } from "../storage/store-stats.ts";
import { throwFirst } from "../turns/endings.ts";
import type { OpenSection } from "./open-section.ts";
import { type Section, sectionNumber } from "./section.ts";
import type { Sections } from "./section-manager.ts";
import { SyncRounds } from "./sync-rounds.ts";

/**
 * The base of all journals with sections. A section is a blob of its own, made by the first append
 * to it. Section numbers need not be contiguous. Sections are opened when needed, and at most
 * OPEN_SECTIONS stay open.
 *
 * A call for a section below the last prune rejects with ERR_SECTION_PRUNED, a call after the end
 * with ERR_CLOSED, and a call for an invalid section with a TypeError or RangeError. A failed write
 * or sync poisons only its section: changes of it reject with ERR_POISONED until the journal is
 * opened anew; reads go on.
 */
export abstract class Journal implements AsyncDisposable {
	readonly #sections: Sections<OpenSection>;
	/** Removed by `destroy`, in this order. */
	readonly #partitions: readonly string[];
	readonly #rounds = new SyncRounds();
	/** Syncs asked for that waited for their section. */
	#syncedWaiting = 0;
	#pruned = 0;

	/** @internal */
	protected constructor(
		sections: Sections<OpenSection>,
		partitions: readonly string[],
	) {
		this.#sections = sections;
		this.#partitions = partitions;
		countsJournal(sections, () => this.#stats());
	}

	/** The sections that exist, ascending; in JSON they are decimal strings. */
	sections(): bigint[] {
		return withJson(this.#sections.numbers);
	}

	/** The lowest section that exists; undefined where there is none. */
	oldestSection(): bigint | undefined {
		return this.#sections.oldest;
	}

	/** The highest section that exists; undefined where there is none. */
	newestSection(): bigint | undefined {
		return this.#sections.newest;
	}

	/**
	 * Bytes of the section's entries (in a glob: of its values), unsynced ones included; 0 when it
	 * does not exist.
	 *
	 * @throws {StorageError} ERR_BLOB_OPEN_FAILED, ERR_READ_FAILED, ERR_MEMORY when the section
	 * cannot be opened; ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	async size(section: Section): Promise<number> {
		const number = sectionNumber(section);
		this.#sections.refusePruned(number);
		const size = await this.#sections.useIfThere(number, (open) => open.size);
		return size ?? 0;
	}

	/**
	 * Makes all earlier appends to a section durable, unresolved ones included. When one of those
	 * rejects, this call rejects with its error, once. The next call goes on with the bytes taken,
	 * unless the section is poisoned. Concurrent calls share a host sync.
	 *
	 * @throws {StorageError} ERR_BLOB_SYNC_FAILED, ERR_WRITE_FAILED, ERR_NO_SPACE when the host
	 * fails, ERR_POISONED after that; ERR_READ_ONLY; ERR_SECTION_PRUNED below the last prune,
	 * ERR_CLOSED after the end.
	 */
	sync(section: Section): Promise<void> {
		try {
			const number = sectionNumber(section);
			this.#sections.refuseReadOnly();
			this.#sections.refusePruned(number);
			return this.#sync(number);
		} catch (error) {
			return Promise.reject(error);
		}
	}

	/**
	 * As `sync`, for every section. Bytes that opening found and no sync has covered are synced too,
	 * once.
	 *
	 * @throws {StorageError} the first failure of a section, as `sync`: ERR_BLOB_SYNC_FAILED,
	 * ERR_WRITE_FAILED, ERR_NO_SPACE, ERR_POISONED; ERR_READ_ONLY, ERR_CLOSED.
	 */
	async syncAll(): Promise<void> {
		this.#sections.refuseReadOnly();
		this.#sections.refuseEnded();
		const owed = this.sections().filter(
			(section) => !this.#sections.isDurable(section),
		);
		const sections = new Set([...owed, ...this.#sections.appending]);
		const syncs = [...sections].map((section) => this.#sync(section));
		throwFirst(await Promise.allSettled(syncs));
	}

	/**
	 * Removes every section below `min`, in ascending order, each durably. Returns whether there was
	 * one. When it fails half-way, only some of the lowest sections are gone: call it again. Copies
	 * of bytes that recovery cut from these sections are removed first, unless `options` keeps them.
	 *
	 * @throws {StorageError} ERR_IO, ERR_BLOB_SYNC_FAILED when the host fails to remove a section;
	 * ERR_READ_ONLY; ERR_CLOSED after the end.
	 */
	async prune(min: Section, options: RemoveOptions = {}): Promise<boolean> {
		const oldest = sectionNumber(min);
		const isKept = keepsCut(options);
		return this.#change(async () => {
			if (!isKept) {
				await this.#forgetCuts((section) => section < oldest);
			}
			const pruned = this.sections().filter((section) => section < oldest);
			for (const section of pruned) {
				await this.#sections.remove(section);
			}
			if (pruned.length > 0) {
				this.#sections.retainFrom(oldest);
			}
			this.#pruned += pruned.length;
			return pruned.length > 0;
		});
	}

	/**
	 * Cuts `section` to `size` bytes, and removes all later sections. When this resolves, that and
	 * the rest of the section are durable. A section that is not longer keeps its size. When it fails
	 * half-way, some later sections are gone, the highest first, and `section` has at most its old
	 * size, and at least the new one.
	 *
	 * @throws {RangeError} for a size at which no section can end.
	 * @throws {StorageError} ERR_BLOB_RESIZE_FAILED, ERR_BLOB_SYNC_FAILED, ERR_IO when the host
	 * fails, ERR_POISONED after that; ERR_READ_ONLY; ERR_SECTION_PRUNED below the last prune,
	 * ERR_CLOSED after the end.
	 */
	async rewind(section: Section, size: number): Promise<void> {
		await this.#rewind(section, size, (number) =>
			this.sections().filter((later) => later > number),
		);
	}

	/**
	 * As rewind, and leaves the other sections alone.
	 *
	 * @throws {RangeError} for a size at which no section can end.
	 * @throws {StorageError} ERR_BLOB_RESIZE_FAILED, ERR_BLOB_SYNC_FAILED, ERR_IO when the host
	 * fails, ERR_POISONED after that; ERR_READ_ONLY; ERR_SECTION_PRUNED below the last prune,
	 * ERR_CLOSED after the end.
	 */
	async rewindSection(section: Section, size: number): Promise<void> {
		await this.#rewind(section, size, () => []);
	}

	/**
	 * Removes one section durably, and its copies as `prune`. Returns whether it existed.
	 *
	 * @throws {StorageError} ERR_IO, ERR_BLOB_SYNC_FAILED when the host fails to remove it;
	 * ERR_READ_ONLY; ERR_SECTION_PRUNED below the last prune, ERR_CLOSED after the end.
	 */
	async removeSection(
		section: Section,
		options: RemoveOptions = {},
	): Promise<boolean> {
		const number = sectionNumber(section);
		const isKept = keepsCut(options);
		return this.#change(async () => {
			this.#sections.refusePruned(number);
			if (!isKept) {
				await this.#forgetCuts((one) => one === number);
			}
			const isThere = this.#sections.has(number);
			if (isThere) {
				await this.#sections.remove(number);
			}
			return isThere;
		});
	}

	/**
	 * Removes every section, in ascending order, and copies as `prune`. Forgets the last prune. The
	 * journal stays open.
	 *
	 * @throws {StorageError} ERR_IO, ERR_BLOB_SYNC_FAILED when the host fails to remove a section;
	 * ERR_READ_ONLY; ERR_CLOSED after the end.
	 */
	async clear(options: RemoveOptions = {}): Promise<void> {
		const isKept = keepsCut(options);
		await this.#change(async () => {
			if (!isKept) {
				await this.#forgetCuts(() => true);
			}
			for (const section of this.sections()) {
				await this.#sections.remove(section);
			}
			this.#sections.retainFrom(0n);
		});
	}

	/**
	 * Removes every section, the partition, and copies as `prune`. Then ends the journal.
	 *
	 * @throws {StorageError} ERR_IO, ERR_BLOB_SYNC_FAILED when the host fails to remove a section or
	 * the partition; ERR_READ_ONLY; ERR_CLOSED after the end.
	 */
	async destroy(options: RemoveOptions = {}): Promise<void> {
		const isKept = keepsCut(options);
		await this.#change(async () => {
			if (!isKept) {
				await this.#forgetCuts(() => true);
			}
			await this.#sections.destroy(this.#partitions);
		});
	}

	/**
	 * Syncs as `syncAll`, and releases every section once the reads under way are answered. Rejects
	 * with the first failure, but releases all the same.
	 *
	 * @throws {StorageError} the first failure: ERR_BLOB_SYNC_FAILED, ERR_WRITE_FAILED, ERR_NO_SPACE,
	 * ERR_POISONED, ERR_IO.
	 */
	close(): Promise<void> {
		return this.#sections.close();
	}

	/**
	 * Releases all as a crash would: unsynced bytes may be lost. Reads under way are answered first.
	 *
	 * @throws {StorageError} ERR_IO when the host fails to close a file.
	 */
	drop(): Promise<void> {
		return this.#sections.drop();
	}

	async [Symbol.asyncDispose](): Promise<void> {
		await this.close();
	}

	/**
	 * Throws RangeError for a size at which no section can end; `isThere` says whether the section
	 * exists.
	 *
	 * @internal
	 */
	protected abstract checkRewind(
		section: bigint,
		size: number,
		isThere: boolean,
	): void;

	#sync(section: bigint): Promise<void> {
		const open = this.#sections.tryUseToAppend(section);
		return open === undefined
			? this.#syncWaiting(section)
			: this.#rounds.run(open, (flush) =>
					this.#sections.useWithin(section, () => flush),
				);
	}

	async #syncWaiting(section: bigint): Promise<void> {
		if (!this.#sections.isFreeToAppend(section)) {
			await this.#sections.appended(section);
		}
		await this.#sections.useIfThere(section, (open) => open.sync());
		this.#syncedWaiting += 1;
	}

	#stats(): JournalStats {
		return {
			journal: this.#partitions[0] ?? "",
			tracked: this.sections().length,
			synced: this.#syncedWaiting + this.#rounds.answered,
			pruned: this.#pruned,
		};
	}

	async #rewind(
		section: Section,
		size: number,
		laterThan: (section: bigint) => readonly bigint[],
	): Promise<void> {
		const number = sectionNumber(section);
		checkRange(size, 0);
		await this.#change(async () => {
			this.#sections.refusePruned(number);
			const isThere = this.#sections.has(number);
			this.checkRewind(number, size, isThere);
			const removeLater = async () => {
				for (const later of [...laterThan(number)].reverse()) {
					await this.#sections.remove(later);
				}
			};
			if (!isThere) {
				await removeLater();
				return;
			}
			await this.#sections.useWithin(number, async (open) => {
				// All that a rewind needs is looked up before anything is changed.
				const rewind = await open.planRewind(Math.min(size, open.size));
				await removeLater();
				await rewind();
			});
		});
	}

	/** Runs before the sections go: a retry after a failure then finds the rest of both. */
	async #forgetCuts(isMeant: (section: bigint) => boolean): Promise<void> {
		const { cutCopies } = this.#sections.storage;
		await cutCopies.remove(({ partition, blob }) => {
			const isOwn = this.#partitions.includes(partition);
			return isOwn && isMeant(BigInt(`0x${blob}`));
		});
	}

	/**
	 * The absence of a section may not be durable, if its writer died during the removal. Any removal
	 * makes it so.
	 */
	async #adoptNames(): Promise<void> {
		for (const partition of this.#partitions) {
			await this.#sections.storage.adoptNames(partition);
		}
	}

	async #change<T>(body: () => Promise<T>): Promise<T> {
		this.#sections.refuseReadOnly();
		return this.#sections.change(async () => {
			const before = this.sections().length;
			const result = await body();
			if (this.sections().length === before) {
				await this.#adoptNames();
			}
			return result;
		});
	}
}
