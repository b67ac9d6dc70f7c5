import { isPromise, kindOf } from "../checks.ts";
import { isStorageError, StorageError } from "../errors.ts";
import type { StoreEvent } from "./events.ts";

/** Who is told of a store, besides those who call it. */
export interface ObserverOptions {
	/**
	 * Is told at once of a failed change after which a file refuses changes, and of a failed sync
	 * that nobody waits for. Whoever does wait is told too.
	 */
	readonly onError?: (error: StorageError) => unknown;
	/** Is told at once of what is found, repaired, or done in another way than was asked. */
	readonly onEvent?: (event: StoreEvent) => unknown;
}

/** Of a file that was closed, or whose failure was told before. */
const NO_NEWS = new Set<string>(["ERR_CLOSED", "ERR_POISONED"]);

/** An error is told once, however many have met it. */
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

/** Tells listeners. None of them can do any harm to who tells. */
export class Observer {
	readonly #options: ObserverOptions;
	readonly #section: bigint | undefined;

	constructor(options: ObserverOptions = {}, section?: bigint) {
		this.#options = options;
		this.#section = section;
	}

	/** Those of an open within this one: its own, where it gives some. */
	with({ onError, onEvent }: ObserverOptions): Observer {
		const options = {
			...this.#options,
			...(onError && { onError }),
			...(onEvent && { onEvent }),
		};
		return new Observer(options, this.#section);
	}

	/** As this one, of what happens in a section. */
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

	/** A sync that nobody may wait for: its failure is told, unless that was told or is none. */
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

/**
 * Not by `reportError`, which ends a process of Deno: a listener's failure is no reason to lose a
 * store.
 */
function complain(error: unknown): void {
	console.error("dualslot: a listener failed:", error);
}
