import { endingIfFailed, endingWith } from "../../../src/turns/endings.ts";
import type { PosixCalls } from "../../posix/posix-file.ts";
import { libc, systemError } from "../libc.ts";
import { Ring, type RingWait } from "./io-uring.ts";
import { type RingKernel, systemKernel } from "./kernel.ts";
import { RingFile } from "./ring-file.ts";

/** Loads the system calls; undefined where the platform has none. */
export type KernelSource = () => Promise<RingKernel | undefined>;

/** Flags of a sync of all of a file, not only its bytes. */
const ALL = 0;

/**
 * The one ring of a store. It lives while a file of the store is open or somebody keeps it, and
 * uses no memory and no thread besides. Once the kernel has refused one it is not asked again.
 */
export class HostRing {
	readonly #wait: RingWait;
	readonly #kernel: KernelSource;
	#ring: Promise<Ring | undefined> | undefined;
	#users = 0;
	#isGiven = false;
	#opened: Ring | undefined;

	constructor(wait: RingWait, kernel: KernelSource = systemKernel) {
		this.#wait = wait;
		this.#kernel = kernel;
	}

	/** Whether the kernel has given a ring. */
	get isGiven(): boolean {
		return this.#isGiven;
	}

	/** Operations in flight; undefined where the kernel has given no ring. */
	get pending(): number | undefined {
		return this.#opened?.pending;
	}

	/** Shares one ring among coming files, until the result is called. */
	async keep(): Promise<() => Promise<void>> {
		const ring = await this.#acquire();
		let letGo: Promise<void> | undefined;
		return async () => {
			if (ring !== undefined) {
				letGo ??= this.#release();
			}
			await letGo;
		};
	}

	/**
	 * A file through the ring, which closes the descriptor; undefined where there is no ring: then
	 * the caller still owns the descriptor.
	 */
	async file(
		fd: number,
		calls: PosixCalls,
		alignment: number,
	): Promise<RingFile | undefined> {
		const ring = await this.#acquire();
		if (ring === undefined) {
			return undefined;
		}
		const release = () => this.#release();
		const make = async () => {
			await waiting(fd);
			return new RingFile(fd, calls, ring, alignment, release);
		};
		return endingIfFailed(make, release);
	}

	/** Makes the names in a directory durable; returns false where there is no ring. */
	async syncDirectory(fd: number): Promise<boolean> {
		const ring = await this.#acquire();
		if (ring === undefined) {
			return false;
		}
		await endingWith(
			() => ring.sync({ fd, index: undefined }, ALL),
			() => this.#release(),
		);
		return true;
	}

	async #acquire(): Promise<Ring | undefined> {
		this.#users += 1;
		this.#ring ??= this.#open();
		const ring = await this.#ring.catch((error: unknown) => {
			this.#users -= 1;
			this.#ring = undefined;
			throw error;
		});
		if (ring === undefined) {
			this.#users -= 1;
		}
		return ring;
	}

	async #release(): Promise<void> {
		this.#users -= 1;
		if (this.#users === 0) {
			const unused = this.#ring;
			this.#ring = undefined;
			await (await unused)?.close();
		}
	}

	async #open(): Promise<Ring | undefined> {
		const kernel = await this.#kernel();
		const ring = kernel && Ring.open(kernel, this.#wait);
		this.#isGiven = ring !== undefined;
		this.#opened = ring;
		return ring;
	}
}

/** Makes the kernel wait where it must. Otherwise it would fail instead of waiting. */
async function waiting(fd: number): Promise<void> {
	const errno = (await libc()).clearNonBlocking(fd);
	if (errno !== 0) {
		throw systemError(errno, "fcntl(F_SETFL)");
	}
}
