import { hex, lengthOf } from "../bytes.ts";
import { StorageError } from "../errors.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { andThen, DelegatingFile, DelegatingHost } from "./delegating.ts";
import type {
	Host,
	HostEntry,
	HostFile,
	HostLock,
	HostOpenOptions,
	HostSyncOptions,
	HostWriteOptions,
	OpenMode,
} from "./host.ts";

/** Text in UTF-8, a number in eight bytes, big-endian, or the parts of a write in their order. */
type Field = string | number | readonly Uint8Array[];

const DIGEST_SIZE = 32;
const NUMBER_SIZE = 8;
/** Bytes that may wait to be hashed; beyond that, results wait. */
const PENDING_MAX = 8 * 1024 * 1024;

/**
 * A host that keeps a digest of all calls, to show that two runs did the same to their disks
 * (commonware's `audited`). The digest d is 32 zero bytes at first, and SHA-256(d ‖ fields) with
 * each call, before the call is passed on. Each field follows its length, a number. The fields are
 * the call's label, the path (for a file, the one that it was opened by) and the arguments, in this
 * order:
 *
 *    open path mode             scan path                  make_directory path
 *    remove path                rename from to             sync_directory path
 *    lock                       unlock                     size path
 *    read_at path offset length write_at path offset bytes write_at_sync path offset bytes
 *    resize path size           allocate path size         sync path
 *    close path
 *
 * The path follows lock and unlock when a file is locked. The mode of an open past the system's
 * cache is 'direct'.
 *
 * Hashing runs in the background and delays no call. So the bytes of a write are copied at the call
 * and held until they are hashed. While more than 8 MiB are held, results (not their calls) wait
 * for the hashes. The cost in memory is 8 MiB and the calls whose results nobody awaits; in time,
 * one hash over the bytes written.
 */
export class AuditedHost extends DelegatingHost {
	readonly #chain = new DigestChain();

	/**
	 * Throws ERR_UNSUPPORTED in a page that is no secure context, where browsers offer no SHA-256.
	 */
	constructor(host: Host) {
		super(host);
		if (crypto.subtle === undefined) {
			throw new StorageError(
				"ERR_UNSUPPORTED",
				"an audit needs SHA-256, and crypto.subtle is there in secure contexts only",
			);
		}
	}

	/** The digest of every call before this one, in lower-case hex. */
	async digest(): Promise<string> {
		return hex(await this.#chain.digest);
	}

	override open(
		path: string,
		mode: OpenMode,
		options?: HostOpenOptions,
	): Awaitable<HostFile | undefined> {
		const audited = (file: HostFile | undefined) =>
			file && new AuditedFile(file, path, this.#chain);
		const how = options?.direct ? "direct" : mode;
		return this.#chain.pass(["open", path, how], () =>
			andThen(super.open(path, mode, options), audited),
		);
	}

	override list(directory: string): Awaitable<HostEntry[] | undefined> {
		return this.#chain.pass(["scan", directory], () => super.list(directory));
	}

	override makeDirectory(path: string): Awaitable<boolean> {
		return this.#chain.pass(["make_directory", path], () =>
			super.makeDirectory(path),
		);
	}

	override remove(path: string): Awaitable<boolean> {
		return this.#chain.pass(["remove", path], () => super.remove(path));
	}

	override rename(from: string, to: string): Awaitable<void> {
		return this.#chain.pass(["rename", from, to], () => super.rename(from, to));
	}

	override syncDirectory(path: string): Awaitable<void> {
		return this.#chain.pass(["sync_directory", path], () =>
			super.syncDirectory(path),
		);
	}

	override lock(path?: string): Awaitable<HostLock | undefined> {
		const of = path === undefined ? [] : [path];
		const release = (lock: HostLock) => () =>
			this.#chain.pass(["unlock", ...of], () => lock.release());
		const audited = (lock: HostLock | undefined) =>
			lock && { release: release(lock) };
		return this.#chain.pass(["lock", ...of], () =>
			andThen(super.lock(path), audited),
		);
	}
}

class AuditedFile extends DelegatingFile {
	readonly #path: string;
	readonly #chain: DigestChain;

	constructor(file: HostFile, path: string, chain: DigestChain) {
		super(file);
		this.#path = path;
		this.#chain = chain;
	}

	override size(): Awaitable<number> {
		return this.#chain.pass(["size", this.#path], () => super.size());
	}

	override read(
		targets: readonly Uint8Array[],
		offset: number,
	): Awaitable<number> {
		const fields = ["read_at", this.#path, offset, lengthOf(targets)];
		return this.#chain.pass(fields, () => super.read(targets, offset));
	}

	override write(
		parts: readonly Uint8Array[],
		offset: number,
		options?: HostWriteOptions,
	): Awaitable<void> {
		const label = options?.synced ? "write_at_sync" : "write_at";
		const fields = [label, this.#path, offset, parts];
		return this.#chain.pass(fields, () => super.write(parts, offset, options));
	}

	override truncate(size: number): Awaitable<void> {
		const fields = ["resize", this.#path, size];
		return this.#chain.pass(fields, () => super.truncate(size));
	}

	override allocate(size: number): Awaitable<boolean> {
		return this.#chain.pass(["allocate", this.#path, size], () =>
			super.allocate(size),
		);
	}

	override sync(options?: HostSyncOptions): Awaitable<void> {
		return this.#chain.pass(["sync", this.#path], () => super.sync(options));
	}

	override close(): Awaitable<void> {
		return this.#chain.pass(["close", this.#path], () => super.close());
	}
}

class DigestChain {
	#digest = Promise.resolve(new Uint8Array(DIGEST_SIZE));
	/** Bytes held until they are hashed. */
	#pending = 0;

	/** Covers all calls so far. */
	get digest(): Promise<Uint8Array> {
		return this.#digest;
	}

	/** Adds a call to the digest, makes it and returns its result. */
	pass<T>(fields: readonly Field[], call: () => Awaitable<T>): Awaitable<T> {
		const link = linkOf(fields);
		this.#pending += link.length;
		this.#digest = this.#digest.then((previous) =>
			this.#hashed(previous, link),
		);
		const answer = call();
		return this.#pending > PENDING_MAX ? this.#afterHashing(answer) : answer;
	}

	async #hashed(
		previous: Uint8Array,
		link: Uint8Array<ArrayBuffer>,
	): Promise<Uint8Array<ArrayBuffer>> {
		link.set(previous);
		const digest = await crypto.subtle.digest("SHA-256", link);
		this.#pending -= link.length;
		return new Uint8Array(digest);
	}

	/** Promise.all handles an answer that rejects early. */
	async #afterHashing<T>(answer: Awaitable<T>): Promise<T> {
		const [settled] = await Promise.all([answer, this.#digest]);
		return settled;
	}
}

/** The fields, each after its length, with room in front for the previous digest. */
function linkOf(fields: readonly Field[]): Uint8Array<ArrayBuffer> {
	const parts = fields.flatMap((field) => {
		const bytes = bytesOf(field);
		return [numberBytes(lengthOf(bytes)), ...bytes];
	});
	const link = new Uint8Array(DIGEST_SIZE + lengthOf(parts));
	let at = DIGEST_SIZE;
	for (const part of parts) {
		link.set(part, at);
		at += part.length;
	}
	return link;
}

function bytesOf(field: Field): readonly Uint8Array[] {
	switch (typeof field) {
		case "string":
			return [new TextEncoder().encode(field)];
		case "number":
			return [numberBytes(field)];
		default:
			return field;
	}
}

function numberBytes(value: number): Uint8Array {
	const bytes = new Uint8Array(NUMBER_SIZE);
	new DataView(bytes.buffer).setBigUint64(0, BigInt(value));
	return bytes;
}
