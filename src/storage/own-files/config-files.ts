import { failingAs, type StorageError } from "../../errors.ts";
import { hasRoomFor } from "../../host/durable-file.ts";
import type { Host } from "../../host/host.ts";
import {
	CHANGES_FILE,
	ChangeLog,
	type FoundChanges,
	type PartitionChange,
	untrustedChanges,
} from "./change-log.ts";
import {
	CONFIG_FILE,
	changed,
	checkedPartitions,
	contentOf,
	lineSize,
	type PartitionConfigs,
	untrustedConfig,
} from "./config-content.ts";
import {
	OWN_BYTES_MAX,
	type OwnContent,
	OwnFile,
	type OwnFileKind,
	type OwnFinding,
	type TextChecksum,
} from "./own-file.ts";
import type { PartitionConfig } from "./partition-config.ts";

/** Up to this size, in bytes, dualslot.json is rewritten for each change. */
const REWRITTEN_MAX = 4096;
/** Of the two formats the first stands alone; dualslot.changes follows the second. */
const FOLLOWED = 2;

/** The contents of dualslot.json; changes of the same generation follow it. */
interface Whole {
	readonly partitions: PartitionConfigs;
	/** 0 in the first format, which no changes follow; grows with each write of the second. */
	readonly generation: number;
}

const NOTHING: Whole = { partitions: new Map(), generation: 0 };

/**
 * `dualslot.json` and `dualslot.changes`. A small dualslot.json is rewritten for each change.
 * Changes to a larger one are appended, until they are as long as it is. So a change costs the same
 * with any number of partitions.
 */
export class ConfigFiles {
	readonly #host: Host;
	readonly #checksum: TextChecksum;
	readonly #alone: OwnFile;
	readonly #followed: OwnFile;
	#generation = 0;
	/** Bytes of dualslot.json with all changes. */
	#size = 0;
	/** Undefined until a change follows this generation; "unsure" after a failure or a crash. */
	#log: ChangeLog | "unsure" | undefined;

	constructor(host: Host, checksum: TextChecksum) {
		this.#host = host;
		this.#checksum = checksum;
		this.#alone = new OwnFile(host, checksum, kindOf(1));
		this.#followed = new OwnFile(host, checksum, kindOf(FOLLOWED));
	}

	/** Throws ERR_CONFIG for damaged files, ERR_VERSION. */
	async read(): Promise<Map<string, PartitionConfig>> {
		const { whole, found } = await this.#consistent();
		const partitions = withChanges(whole, found);
		this.#generation = whole.generation;
		this.#size = this.#alone.encode(contentOf(partitions)).length;
		this.#log = following(whole, found) && (found?.log ?? "unsure");
		return partitions;
	}

	/** Throws as `read`, for bytes that will become a store's files. */
	judge(bytes: Uint8Array, changes?: Uint8Array): PartitionConfigs {
		const whole = wholeIn(this.#followed.judge(bytes));
		const found =
			changes && ChangeLog.judge(this.#host, this.#checksum, changes);
		if (found !== undefined && found.generation > whole.generation) {
			throw followsLater();
		}
		return withChanges(whole, found);
	}

	/**
	 * The bytes of a dualslot.json that no changes follow; undefined where there is none. Throws as
	 * `read`.
	 */
	async bytes(): Promise<Uint8Array | undefined> {
		const { whole, found } = await this.#consistent();
		return whole === NOTHING
			? undefined
			: this.#alone.encode(contentOf(withChanges(whole, found)));
	}

	/** Makes a change of these partitions durable. A failed change may be found after a crash. */
	async record(
		change: PartitionChange,
		partitions: PartitionConfigs,
	): Promise<void> {
		const [partition, config] = change;
		const before = lineSize(partition, partitions.get(partition));
		const size = this.#size - before + lineSize(partition, config);
		const isAppended = size <= OWN_BYTES_MAX && this.#takesChange;
		await (isAppended
			? this.#append(change, size)
			: this.write(changed(partitions, [change])));
	}

	/** Rewrites dualslot.json durably. Throws ERR_CONFIG where it has no room for all. */
	async write(partitions: PartitionConfigs): Promise<void> {
		const path = CONFIG_FILE;
		await failingAs("ERR_IO", `${path} was not written`, { path }, () =>
			this.#rewrite(partitions),
		);
	}

	/**
	 * Rewrites dualslot.json where a failure or a crash leaves unclear which changes are durable.
	 * Returns false when the disk has no room for it.
	 */
	settle(partitions: PartitionConfigs): Promise<boolean> {
		return hasRoomFor(this.#host, async () => {
			if (this.#log === "unsure") {
				await this.#rewrite(partitions);
			}
		});
	}

	/**
	 * As settle, after a crash: the writer may have died before it synced the last change, or after a
	 * failed sync.
	 */
	async adopt(partitions: PartitionConfigs): Promise<void> {
		const log = this.#log;
		if (log !== undefined) {
			this.#log = "unsure";
			const isSettled = await this.settle(partitions);
			if (!isSettled && log !== "unsure") {
				await log.sync();
			}
		}
	}

	/** After the files were removed. */
	forget(): void {
		this.#generation = 0;
		this.#size = 0;
		this.#log = undefined;
	}

	get #takesChange(): boolean {
		const log = this.#log;
		const isFollowed = this.#generation > 0 && log !== "unsure";
		const most = Math.min(this.#size, OWN_BYTES_MAX / 2);
		return isFollowed && (log === undefined || log.size < most);
	}

	/** `size` is the size of dualslot.json with the change, in bytes. */
	async #append(change: PartitionChange, size: number): Promise<void> {
		const log = this.#log;
		this.#log = "unsure";
		const path = CHANGES_FILE;
		await failingAs("ERR_IO", `${path} was not written`, { path }, async () => {
			if (log instanceof ChangeLog) {
				await log.append(change);
				this.#log = log;
			} else {
				this.#log = await this.#startLog(change);
			}
		});
		this.#size = size;
	}

	#startLog(change: PartitionChange): Promise<ChangeLog> {
		const generation = this.#generation;
		return ChangeLog.start(this.#host, this.#checksum, generation, change);
	}

	async #rewrite(partitions: PartitionConfigs): Promise<void> {
		const content = contentOf(partitions);
		const { length } = this.#alone.encode(content);
		const standsAlone = this.#generation === 0 && length <= REWRITTEN_MAX;
		await (standsAlone
			? this.#alone.write(content)
			: this.#beginGeneration(content));
		this.#size = length;
	}

	/** After a failure that generation may have begun: the next attempt takes another. */
	async #beginGeneration(content: OwnContent): Promise<void> {
		if (this.#generation === 0) {
			// An old file followed another dualslot.json, whose generations also began at 1. Even where
			// none is found, its removal may not be durable: a sync may have failed.
			await this.#host.remove(CHANGES_FILE);
			await this.#host.syncDirectory("");
		}
		this.#generation += 1;
		this.#log = "unsure";
		const generation = this.#generation;
		await this.#followed.write({ generation, ...content });
		this.#log = undefined;
	}

	/**
	 * Both files of one generation: a reader excludes no writer, which may begin a generation between
	 * the two reads.
	 */
	async #consistent() {
		for (let before: number | undefined; ; ) {
			const whole = await this.#whole();
			const isFollowed = whole.generation > 0;
			const found = isFollowed ? await this.#changes() : undefined;
			if (found === undefined || found.generation <= whole.generation) {
				return { whole, found };
			}
			if (whole.generation === before) {
				throw followsLater();
			}
			before = whole.generation;
		}
	}

	async #whole(): Promise<Whole> {
		const found = await this.#followed.read();
		return found === undefined ? NOTHING : wholeIn(found);
	}

	#changes(): Promise<FoundChanges | undefined> {
		return ChangeLog.read(this.#host, this.#checksum);
	}
}

function kindOf(format: number): OwnFileKind {
	return {
		path: CONFIG_FILE,
		format,
		covered: ({ partitions }, of) => (of === 1 ? partitions : undefined),
	};
}

/** Throws ERR_CONFIG for untrusted content. */
function wholeIn(found: OwnFinding): Whole {
	if (found.content === undefined) {
		throw untrustedConfig(found.damage);
	}
	const { generation, partitions } = found.content;
	const isFollowed = found.format === FOLLOWED;
	if (isFollowed && !(Number.isSafeInteger(generation) && Number(generation))) {
		throw untrustedConfig("it names no generation");
	}
	return {
		partitions: checkedPartitions(partitions),
		generation: isFollowed ? Number(generation) : 0,
	};
}

/** Whether the changes found follow this generation. */
function following(
	{ generation }: Whole,
	found: FoundChanges | undefined,
): true | undefined {
	return found?.generation === generation || undefined;
}

function withChanges(
	whole: Whole,
	found: FoundChanges | undefined,
): Map<string, PartitionConfig> {
	const changes = following(whole, found) && found?.changes;
	return changed(whole.partitions, changes ?? []);
}

function followsLater(): StorageError {
	return untrustedChanges(`it follows a later ${CONFIG_FILE}`);
}
