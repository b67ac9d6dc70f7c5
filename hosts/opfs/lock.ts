import { within } from "./deadline.ts";

/** A browser in which the origin's data has been cleared says of no lock that it has ended. */
const RELEASE_MILLISECONDS = 10_000;

/** Gives a lock back; settles when others can have it. */
export type Release = () => Promise<void>;

/**
 * Tries once to take a lock of the whole origin; undefined while another has it. The browser gives it back when the tab
 * or worker that holds it ends, however that comes.
 */
export function tryLock(name: string): Promise<Release | undefined> {
	return new Promise((resolve, reject) => {
		const held = (lock: Lock | null) => {
			if (lock === null) {
				resolve(undefined);
				return undefined;
			}
			return new Promise<void>((release) => {
				resolve(async () => {
					release();
					await within(RELEASE_MILLISECONDS, `${name} was not released`, ended);
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
