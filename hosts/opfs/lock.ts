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
					await ended;
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
