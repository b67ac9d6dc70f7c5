import { deferred } from "./deferred.ts";

/** A part that can be held still. */
export interface Quiescent {
	/** Syncs all that it was given, and changes nothing while `body` runs. */
	quiesce(body: () => Promise<void>): Promise<void>;
}

/**
 * Runs `body` while all are synced and still together. Throws the first failure; all go on when
 * this settles.
 */
export async function whileStill<T>(
	all: readonly Quiescent[],
	body: () => Promise<T>,
): Promise<T> {
	const over = deferred();
	const holds = all.map((one) => {
		const isStill = deferred();
		const held = one.quiesce(() => {
			isStill.resolve();
			return over.promise;
		});
		return { isStill: Promise.race([isStill.promise, held]), held };
	});
	try {
		await Promise.all(holds.map(({ isStill }) => isStill));
		return await body();
	} finally {
		over.resolve();
		await Promise.allSettled(holds.map(({ held }) => held));
	}
}
