import { failureName } from "../errors.ts";
import type { Observer } from "../host/observer.ts";

/** What systems call a process, or themselves, that can have no further file open. */
const TOO_MANY_FILES = new Set(["EMFILE", "ENFILE"]);

/** Closes a file that nobody uses, and answers whether there was one. */
export type CloseIdle = () => Promise<boolean>;

/** Who has files open that can be closed, and opened again when they are needed. */
export class IdleFiles {
	readonly #closers = new Set<CloseIdle>();
	readonly #observer: Observer;

	constructor(observer: Observer) {
		this.#observer = observer;
	}

	add(closer: CloseIdle): void {
		this.#closers.add(closer);
	}

	remove(closer: CloseIdle): void {
		this.#closers.delete(closer);
	}

	/**
	 * Runs an open. Where too many files are open, `closeOwn` or another closer closes one that is
	 * idle, and the open is tried again: it has to leave nothing behind where it fails.
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
					((await closeOwn()) || (await this.#closeOne()));
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

/** Whether a failure, or what caused it, is that of too many open files. */
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
