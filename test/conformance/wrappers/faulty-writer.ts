import { assert } from "chai";
import { StorageError } from "../../../src/errors.ts";
import type { FaultyHost } from "../../../src/host/faulty.ts";
import type { Host } from "../../../src/host/host.ts";
import { PageCache } from "../../../src/paged/cache.ts";
import { PagedBlob } from "../../../src/paged/paged-blob.ts";
import { Storage } from "../../../src/storage/storage.ts";
import type { StorageBlob } from "../../../src/storage/storage-blob.ts";
import type { Expectation, Outcome } from "../../crash/paged-expectation.ts";
import { PARTITION, type Shape } from "../../crash/workload.ts";
import { assertSame, joined, textOf } from "../../support/runs/bytes.ts";
import type { Random } from "../../support/runs/prng.ts";
import { MEMORY } from "../../support/runs/suite.ts";

const NAME = "blob";
const OTHER_PARTITION = "other";
/** After so many failures the disk is spared until the store is open. */
const OPEN_ATTEMPTS = 5;

/** The errors of a read of missing bytes. */
const MISSING: ReadonlySet<string> = new Set([
	"ERR_BLOB_INSUFFICIENT_LENGTH",
	"ERR_INVALID_CHECKSUM",
]);

interface Session {
	readonly storage: Storage;
	readonly blob: StorageBlob;
	readonly paged: PagedBlob;
}

/**
 * A writer whose disk fails. It obeys its generator, and tolerates injected failures and no others.
 * Then it goes on or opens the store again. It compares all that it reads with its writes.
 */
export class FaultyWriter {
	/** The outcome of each call, a line each. */
	readonly outcomes: string[] = [];
	failures = 0;
	readonly #host: Host;
	readonly #faulty: FaultyHost;
	readonly #random: Random;
	readonly #shape: Shape;
	#session: Session | undefined;
	/** The blob's bytes. */
	#bytes: Uint8Array = new Uint8Array();
	/**
	 * Contents that a disk may have instead since the last acknowledged sync: all of one of these, or
	 * less.
	 */
	#others: Uint8Array[] = [];
	/** Bytes that were acknowledged as durable. */
	#least = 0;

	/** A writer on `host`, which is `faulty` or wraps it. */
	constructor(host: Host, faulty: FaultyHost, random: Random, shape: Shape) {
		this.#host = host;
		this.#faulty = faulty;
		this.#random = random;
		this.#shape = shape;
	}

	/** The content that may be on the disk now. */
	get expected(): Expectation {
		const outcomes = this.#possible();
		return new Map([[NAME, { outcomes, mayBeMissing: false }]]);
	}

	/** Opens the store, by many attempts if need be. */
	async begin(): Promise<void> {
		const { rates } = this.#faulty;
		this.#session = undefined;
		let attempts = 0;
		while (!(await this.#try("open", this.#open))) {
			attempts += 1;
			if (attempts === OPEN_ATTEMPTS) {
				this.#faulty.rates = {};
			}
		}
		await this.#spared(() => this.#lookAtWhatIsThere());
		this.#faulty.rates = rates;
	}

	async act(): Promise<void> {
		const dice = this.#random.integer(0, 100);
		if (dice < 32) {
			await this.#append();
		} else if (dice < 50) {
			await this.#sync();
		} else if (dice < 60) {
			await this.#read();
		} else if (dice < 65) {
			await this.#replay();
		} else if (dice < 73) {
			await this.#shrink();
		} else if (dice < 77) {
			await this.#grow();
		} else if (dice < 85) {
			await this.#crash();
		} else if (dice < 90) {
			await this.#restart();
		} else {
			await this.#makeAndRemove();
		}
	}

	/** Leaves the store like a crash. */
	async end(): Promise<void> {
		await this.#session?.storage.drop();
	}

	readonly #open = async (): Promise<void> => {
		// Zeros ahead are written when a disk has time, and so in another order each time.
		const options = { memory: MEMORY, ahead: 0 };
		const storage = await Storage.open(this.#host, options);
		try {
			const { pageSize, writeBuffer } = this.#shape;
			const cache = new PageCache(storage, { pageSize, pages: 4 });
			const blob = await storage.open(PARTITION, NAME);
			const paged = await PagedBlob.open(blob, { cache, writeBuffer });
			this.#session = { storage, blob, paged };
		} catch (error) {
			await storage.drop();
			throw error;
		}
	};

	async #lookAtWhatIsThere(): Promise<void> {
		const found = await this.#paged.read(0, this.#paged.size);
		const isPossible = this.#possible().some(
			({ bytes, least }) =>
				found.length >= least &&
				found.length <= bytes.length &&
				found.every((byte, index) => byte === bytes[index]),
		);
		assert.isTrue(isPossible, `${found.length} bytes were found`);
		this.#others.push(this.#bytes);
		this.#bytes = found;
		this.outcomes.push(`${found.length} bytes`);
	}

	async #append(): Promise<void> {
		const length = this.#random.integer(1, this.#shape.pageSize * 3);
		const added = this.#random.bytes(length);
		await this.#extend(added, () => this.#paged.append(added));
	}

	async #grow(): Promise<void> {
		const added = new Uint8Array(this.#random.integer(1, 200));
		const size = this.#bytes.length + added.length;
		await this.#extend(added, () => this.#paged.resize(size));
	}

	async #extend(added: Uint8Array, call: () => Promise<void>): Promise<void> {
		const whole = joined(this.#bytes, added);
		const isDone = await this.#try("extend", call);
		this.#bytes = whole.slice(0, this.#paged.size);
		if (isDone) {
			assert.equal(this.#bytes.length, whole.length);
		} else {
			this.#others.push(whole);
		}
	}

	async #shrink(): Promise<void> {
		const old = this.#bytes;
		const size = this.#random.integer(0, Math.max(1, old.length));
		this.#others.push(old);
		this.#least = Math.min(this.#least, size);
		const isDone = await this.#try("shrink", () => this.#paged.resize(size));
		this.#bytes = old.slice(0, this.#paged.size);
		if (isDone) {
			assert.equal(this.#bytes.length, size);
			// A cut at a page boundary is only durable after the next sync.
			if (size < old.length && size % this.#shape.pageSize !== 0) {
				this.#acknowledge();
			}
		}
	}

	async #sync(): Promise<void> {
		if (await this.#try("sync", () => this.#paged.sync())) {
			this.#acknowledge();
		}
	}

	async #read(): Promise<void> {
		const offset = this.#random.integer(0, this.#bytes.length + 1);
		const end = this.#random.integer(offset, this.#bytes.length + 1);
		await this.#try("read", async () => {
			const found = await this.#paged.read(offset, end - offset);
			assertSame(found, this.#bytes.slice(offset, end));
		});
	}

	async #replay(): Promise<void> {
		await this.#try("replay", async () => {
			const chunks: Uint8Array[] = [];
			for await (const chunk of this.#paged.replay({ buffer: 1 })) {
				chunks.push(chunk.slice());
			}
			assertSame(joined(...chunks), this.#bytes);
		});
	}

	async #crash(): Promise<void> {
		await this.#session?.storage.drop();
		await this.begin();
	}

	async #restart(): Promise<void> {
		const { storage } = this.#running;
		if (await this.#try("close", () => storage.close())) {
			this.#acknowledge();
		}
		await this.begin();
	}

	/** A blob that comes and goes beside the one that stays. */
	async #makeAndRemove(): Promise<void> {
		const { storage } = this.#running;
		const name = `${this.#random.integer(0, 3)}`;
		const isMade = await this.#try("make", async () => {
			await (await storage.open(OTHER_PARTITION, name)).close();
		});
		await this.#try("scan", async () => {
			const names = await storage.scan(PARTITION);
			assert.deepEqual(names.map(textOf), [NAME]);
		});
		if (isMade) {
			await this.#try("remove", async () => {
				await storage.remove(OTHER_PARTITION, name);
			});
		}
	}

	#acknowledge(): void {
		this.#least = this.#bytes.length;
		this.#others = [];
	}

	#possible(): Outcome[] {
		const least = this.#least;
		return [this.#bytes, ...this.#others].map((bytes) => ({ bytes, least }));
	}

	/**
	 * Makes a call and answers whether it was done. What fails otherwise than by an injected fault is
	 * thrown on.
	 */
	async #try(what: string, call: () => Promise<void>): Promise<boolean> {
		try {
			await call();
			this.outcomes.push(`${what}: done`);
			return true;
		} catch (error) {
			if (!(error instanceof StorageError) || !this.#isExpected(error)) {
				throw error;
			}
			this.failures += 1;
			this.outcomes.push(`${what}: ${error.code}`);
			return false;
		}
	}

	/** Once a fault has refused all mutations, unwritten bytes are missing from the file. */
	#isExpected(error: StorageError): boolean {
		const isRefused = this.#session?.blob.failure !== undefined;
		return isInjected(error) || (isRefused && MISSING.has(error.code));
	}

	/** Runs the body without failures. */
	async #spared(body: () => Promise<void>): Promise<void> {
		const { rates } = this.#faulty;
		this.#faulty.rates = {};
		await body();
		this.#faulty.rates = rates;
	}

	get #running(): Session {
		if (this.#session === undefined) {
			throw new Error("the writer has not begun");
		}
		return this.#session;
	}

	get #paged(): PagedBlob {
		return this.#running.paged;
	}
}

function isInjected(error: unknown): boolean {
	return (
		error instanceof Error &&
		(error.message === "injected storage fault" || isInjected(error.cause))
	);
}
