import { LOCK_MILLISECONDS, within } from "./deadline.ts";

/** Gives a lock back; settles when others can have it. */
export type Release = () => Promise<void>;

/**
 * Tries once to take a lock of the whole origin; undefined while another has it. The browser gives it back when the tab
 * or worker that holds it ends, however that comes.
 */
export function tryLock(name: string): Promise<Release | undefined> {
	const asked = request(name);
	const giveBack = () => {
		asked.then((release) => release?.()).catch(() => undefined);
	};
	const late = `the browser did not say whether ${name} is free`;
	return within(LOCK_MILLISECONDS, late, asked, giveBack);
}

function request(name: string): Promise<Release | undefined> {
	return new Promise((resolve, reject) => {
		const held = (lock: Lock | null) => {
			if (lock === null) {
				resolve(undefined);
				return undefined;
			}
			return new Promise<void>((release) => {
				resolve(async () => {
					release();
					await within(LOCK_MILLISECONDS, `${name} was not released`, ended);
				});
			});
		};
		const ended = navigator.locks.request(name, { ifAvailable: true }, held);
		ended.catch(reject);
	});
}

/** A lock under a name that nobody else has: held, it says that its holder lives. */
export interface Life {
	readonly name: string;
	readonly end: Release;
}

export async function beginLife(): Promise<Life> {
	const name = `dualslot:life:${crypto.randomUUID()}`;
	const end = await tryLock(name);
	if (end === undefined) {
		throw new Error(`the lock ${name} is taken`);
	}
	return { name, end };
}

/** Resolves when the life of that name has ended. */
export async function endOfLife(name: string): Promise<void> {
	await navigator.locks.request(name, () => undefined);
}
