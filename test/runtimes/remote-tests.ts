import { afterAll, test } from "vitest";
import type { Outcome, TestName } from "./collected-tests.ts";
import type { Driven } from "./driven.ts";

export interface Collected {
	readonly names: readonly TestName[];
}

/** A bound for what hangs. What takes long ends by bounds of its own. */
const TIMEOUT = 900_000;

/** Makes the tests that another runtime has collected tests of this run, under the same names. */
export function registerTestsOf(runtime: Driven<Collected, Outcome>): void {
	const { version, hello } = runtime;
	afterAll(() => runtime.close());
	console.log(`${hello.names.length} tests run inside ${version}`);
	for (const [index, { name, isSkipped }] of hello.names.entries()) {
		const register = isSkipped ? test.skip : test;
		register(name, { timeout: TIMEOUT }, async () => {
			const { failure } = await runtime.ask(index);
			if (failure !== undefined) {
				throw new Error(`in ${version}: ${failure}`);
			}
		});
	}
}
