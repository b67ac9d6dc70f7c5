import { StorageError } from "../../errors.ts";
import type { ValuePartition } from "./value-partition.ts";
import type { ValueSection } from "./value-section.ts";

/**
 * The values of one open section of entries. Their blob is opened when needed, and made by the
 * first value. `there` holds the sections of values that exist.
 */
export class SectionValues {
	readonly #partition: ValuePartition;
	readonly #there: Set<bigint>;
	readonly #section: bigint;
	/** Whether this session left them durable. */
	readonly #isLeftDurable: boolean;
	#opening: Promise<ValueSection> | undefined;
	#open: ValueSection | undefined;

	constructor(
		partition: ValuePartition,
		there: Set<bigint>,
		section: bigint,
		isLeftDurable: boolean,
	) {
		this.#partition = partition;
		this.#there = there;
		this.#section = section;
		this.#isLeftDurable = isLeftDurable;
	}

	/** The values if they are open. */
	get open(): ValueSection | undefined {
		return this.#open;
	}

	get isThere(): boolean {
		return this.#there.has(this.#section);
	}

	get isDurable(): boolean {
		return this.#open === undefined
			? this.#isLeftDurable || !this.isThere
			: this.#open.isDurable;
	}

	/** Opens the values, or throws ERR_SECTION_OUT_OF_RANGE where there are none. */
	async opened(): Promise<ValueSection> {
		if (!this.isThere) {
			const { name: partition } = this.#partition;
			throw new StorageError(
				"ERR_SECTION_OUT_OF_RANGE",
				`section out of range: ${this.#section} of ${partition}`,
				{ partition, section: this.#section },
			);
		}
		return this.made();
	}

	/** Opens the values; makes a missing blob. */
	async made(): Promise<ValueSection> {
		this.#opening ??= this.#make();
		return this.#opening;
	}

	/** Makes the bytes found at open durable, or leaves that to `syncAppended`. */
	async syncFound(): Promise<void> {
		if (!this.isDurable) {
			const open = await this.opened();
			await open.syncFound();
		}
	}

	/**
	 * Whether entries may reach the disk before the values that they point at: where such a value did
	 * not, its place is empty.
	 */
	get isGrounded(): boolean {
		return this.#open?.isGrounded === true;
	}

	/** Hands appended values over. Promises nothing. */
	async handOver(): Promise<void> {
		await this.#open?.handOver();
	}

	/** Makes the values that were handed over durable. */
	async cover(): Promise<void> {
		await this.#open?.cover();
	}

	/** Makes appended values durable. */
	async syncAppended(): Promise<void> {
		if (this.#open?.isDurable === false) {
			await this.#open.sync();
		}
	}

	/** As `syncAppended`, unless the values are only read. */
	async syncTouched(): Promise<void> {
		if (this.#open?.isClean === false) {
			await this.#open.sync();
		}
	}

	/** Shrinks to `size` bytes or fewer, durably. */
	async shrink(size: number): Promise<void> {
		if (this.isThere) {
			const open = await this.opened();
			await open.shrink(size);
		}
	}

	async close(): Promise<void> {
		await (await this.#openOrOpening())?.close();
	}

	async drop(): Promise<void> {
		await (await this.#openOrOpening())?.drop();
	}

	async #make(): Promise<ValueSection> {
		try {
			this.#open = await this.#partition.open(
				this.#section,
				this.#isLeftDurable,
			);
			this.#there.add(this.#section);
			return this.#open;
		} catch (error) {
			this.#opening = undefined;
			throw error;
		}
	}

	/** A failed open is reported to its caller, and leaves nothing to end. */
	async #openOrOpening(): Promise<ValueSection | undefined> {
		await this.#opening?.catch(() => undefined);
		return this.#open;
	}
}
