import { isPromise, kindOf } from "../checks.ts";
import { isStorageError, StorageError } from "../errors.ts";
import type { StoreEvent } from "./events.ts";

/** Listeners for the errors and events of a store. */
export interface ObserverOptions {
	/**
	 * Called at once for a failed change after which a file refuses changes, and for a failed sync
	 * that nobody awaits. A caller gets the error too.
	 */
	readonly onError?: (error: StorageError) => unknown;
	/** Called at once when something is found, repaired, or done differently from the request. */
	readonly onEvent?: (event: StoreEvent) => unknown;
}

/** The file was closed, or its failure was reported before. */
const NO_NEWS = new Set<string>(["ERR_CLOSED", "ERR_POISONED"]);

/** An error is reported once, however many callers get it. */
const TOLD = new WeakSet<object>();

/** Throws TypeError for a listener that is no function. */
export function checkObserver(options: ObserverOptions): void {
	for (const name of ["onError", "onEvent"] as const) {
		const listener: unknown = options[name];
		if (listener !== undefined && typeof listener !== "function") {
			throw new TypeError(`${name} is a function, not ${kindOf(listener)}`);
		}
	}
}

/** Calls the listeners. A listener that throws harms no caller. */
export class Observer {
	readonly #options: ObserverOptions;
	readonly #section: bigint | undefined;

	constructor(options: ObserverOptions = {}, section?: bigint) {
		this.#options = options;
		this.#section = section;
	}

	/** The listeners of an open within this one: its own, else these. */
	with({ onError, onEvent }: ObserverOptions): Observer {
		const options = {
			...this.#options,
			...(onError && { onError }),
			...(onEvent && { onEvent }),
		};
		return new Observer(options, this.#section);
	}

	/** As this one, for errors and events of a section. */
	inSection(section: bigint): Observer {
		return new Observer(this.#options, section);
	}

	event(event: StoreEvent): void {
		const section = this.#section;
		tell(
			this.#options.onEvent,
			section === undefined ? event : { ...event, section: `${section}` },
		);
	}

	error(error: unknown): void {
		if (isStorageError(error) && !TOLD.has(error)) {
			TOLD.add(error);
			tell(this.#options.onError, this.#placed(error));
		}
	}

	/** Reports the failure of a sync that perhaps nobody awaits, unless it is no news. */
	async telling(sync: Promise<void>): Promise<void> {
		try {
			await sync;
		} catch (error) {
			if (isStorageError(error) && !NO_NEWS.has(error.code)) {
				this.error(error);
			}
			throw error;
		}
	}

	#placed(error: StorageError): StorageError {
		const { code, message, place, cause } = error;
		const section = this.#section;
		return section === undefined || place.section !== undefined
			? error
			: new StorageError(code, message, { ...place, section }, cause);
	}
}

function tell<T>(
	listener: ((value: T) => unknown) | undefined,
	value: T,
): void {
	try {
		const answer = listener?.(value);
		if (isPromise(answer)) {
			answer.then(undefined, complain);
		}
	} catch (error) {
		complain(error);
	}
}

/** Not `reportError`, which ends a Deno process: a listener's failure must not lose a store. */
function complain(error: unknown): void {
	console.error("dualslot: a listener failed:", error);
}
