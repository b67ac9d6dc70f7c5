import { failureName } from "../errors.ts";
import type { Observer } from "../host/observer.ts";

/** The codes for a process, or a system, that can open no further file. */
const TOO_MANY_FILES = new Set(["EMFILE", "ENFILE"]);

/** Closes an unused file. Returns false when there was none. */
export type CloseIdle = () => Promise<boolean>;

/** Holders of open files that can be closed, and opened again when needed. */
export class IdleFiles {
	readonly #closers = new Set<CloseIdle>();
	readonly #observer: Observer;

	constructor(observer: Observer) {
		this.#observer = observer;
	}

	/** How many holders there are. */
	get count(): number {
		return this.#closers.size;
	}

	add(closer: CloseIdle): void {
		this.#closers.add(closer);
	}

	remove(closer: CloseIdle): void {
		this.#closers.delete(closer);
	}

	/**
	 * Runs an open. When too many files are open, `closeOwn` or another closer closes an idle one,
	 * and the open is retried. So an open that fails must leave nothing behind.
	 */
	async opening<T>(
		open: () => Promise<T>,
		closeOwn: CloseIdle = async () => false,
	): Promise<T> {
		for (;;) {
			try {
				return await open();
			} catch (error) {
				const canRetry =
					isTooManyFiles(error) &&
					((await this.#isClosed(closeOwn)) || (await this.#closeOne()));
				if (!canRetry) {
					throw error;
				}
			}
		}
	}

	async #closeOne(): Promise<boolean> {
		for (const close of this.#closers) {
			if (await this.#isClosed(close)) {
				return true;
			}
		}
		return false;
	}

	/** A failure is told to the observer: the caller waits for an open, not for this file. */
	async #isClosed(close: CloseIdle): Promise<boolean> {
		try {
			return await close();
		} catch (error) {
			this.#observer.error(error);
			return false;
		}
	}
}

/** Whether a failure, or one of its causes, is too many open files. */
function isTooManyFiles(error: unknown): boolean {
	for (let at = error; at !== undefined; at = causeOf(at)) {
		if (TOO_MANY_FILES.has(failureName(at) ?? "")) {
			return true;
		}
	}
	return false;
}

function causeOf(error: unknown): unknown {
	const { cause }: { readonly cause?: unknown } = Object(error);
	return cause;
}
