import { assert } from "chai";
import type { StorageError } from "../../../src/errors.ts";
import type { StoreEvent } from "../../../src/host/events.ts";

/** The calls of a store's listeners. */
export class Listening {
	readonly errors: StorageError[] = [];
	readonly events: StoreEvent[] = [];
	readonly onError = (error: StorageError): void => {
		this.errors.push(error);
		this.#wake?.(error);
	};
	readonly onEvent = (event: StoreEvent): void => {
		this.events.push(event);
	};
	#wake: ((error: StorageError) => void) | undefined;

	/** As options of an open. */
	get options() {
		const { onError, onEvent } = this;
		return { onError, onEvent };
	}

	/** The first error, early or late. */
	firstError(): Promise<StorageError> {
		const [first] = this.errors;
		return first === undefined
			? new Promise((resolve) => {
					this.#wake = resolve;
				})
			: Promise.resolve(first);
	}

	/** Fails unless this is the only event of its kind, and plain data. */
	assertOne(event: StoreEvent): void {
		const alike = this.events.filter(({ kind }) => kind === event.kind);
		assert.deepEqual(alike, [event]);
		assert.deepEqual(JSON.parse(JSON.stringify(alike)), [event]);
	}
}

/** Runs a body, and returns the errors that it wrote to the console. */
export async function complaints(
	body: () => Promise<void>,
): Promise<unknown[][]> {
	const said: unknown[][] = [];
	const { error } = console;
	console.error = (...words: unknown[]) => said.push(words);
	try {
		await body();
	} finally {
		console.error = error;
	}
	return said;
}
