import { assertionFailure } from "../../src/checks.ts";
import type { LockState } from "../../src/host/host.ts";
import { LOCK_MILLISECONDS, within } from "./deadline.ts";

/** Releases a lock; settles when others can have it. */
export type Release = () => Promise<void>;

export interface TakenLock {
	readonly release: Release;
	/** Aborted once another has the lock though it was not released. */
	readonly lost: AbortSignal;
}

/**
 * Tries once to take a lock of the whole origin; undefined while another has it. The browser
 * releases it when the tab or worker that holds it ends, for whatever reason.
 */
export function tryLock(name: string): Promise<TakenLock | undefined> {
	const asked = request(name);
	const giveBack = () => {
		asked.then((lock) => lock?.release()).catch(() => undefined);
	};
	const late = `the browser did not say whether ${name} is free`;
	return within(LOCK_MILLISECONDS, late, asked, giveBack);
}

/** Whether a lock of the origin is held, by whomever. A browser need not say. */
export async function lockStateOf(name: string): Promise<LockState> {
	try {
		const late = `the browser did not say who holds ${name}`;
		const asked = navigator.locks.query();
		const { held = [] } = await within(LOCK_MILLISECONDS, late, asked);
		return held.some((lock) => lock.name === name) ? "held" : "free";
	} catch {
		return "unknown";
	}
}

function request(name: string): Promise<TakenLock | undefined> {
	return new Promise((resolve, reject) => {
		const loss = new AbortController();
		const held = (lock: Lock | null) => {
			if (lock === null) {
				resolve(undefined);
				return undefined;
			}
			return new Promise<void>((release) => {
				resolve({
					lost: loss.signal,
					async release() {
						release();
						await within(LOCK_MILLISECONDS, `${name} was not released`, ended);
					},
				});
			});
		};
		const asked = navigator.locks.request(name, { ifAvailable: true }, held);
		// The signal tells the lock's holder of the loss, and the holder has nothing more to release.
		const ended = asked.catch((error) => {
			loss.abort(error);
			reject(error);
		});
	});
}

/** A lock under a unique name: while it is held, its holder lives. */
export interface Life {
	readonly name: string;
	readonly end: Release;
}

export async function beginLife(): Promise<Life> {
	const name = `dualslot:life:${crypto.randomUUID()}`;
	const lock = await tryLock(name);
	if (lock === undefined) {
		throw assertionFailure(`the lock ${name} is taken`);
	}
	return { name, end: lock.release };
}

/** Resolves when the life of that name has ended. */
export async function endOfLife(name: string): Promise<void> {
	await navigator.locks.request(name, () => undefined);
}
