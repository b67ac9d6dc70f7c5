import type { Awaitable } from "../../src/turns/awaitable.ts";
import type { Test } from "../support/runs/suite.ts";

export interface TestName {
	readonly name: string;
	readonly isSkipped: boolean;
}

/** How one test ended: a failure is told in the words of the runtime that it happened in. */
export interface Outcome {
	readonly failure?: string;
}

interface Registered extends TestName {
	readonly body: () => Awaitable<void>;
}

/**
 * The tests of a runtime that no test runner lives in. Suites register with `test`; whoever drives the runtime asks for
 * the names and has them run one by one.
 */
export class CollectedTests {
	readonly #registered: Registered[] = [];

	readonly test: Test = Object.assign(
		(name: string, body: () => Awaitable<void>) => {
			this.#registered.push({ name, body, isSkipped: false });
		},
		{
			skip: (name: string, body: () => Awaitable<void>) => {
				this.#registered.push({ name, body, isSkipped: true });
			},
		},
	);

	get names(): TestName[] {
		return this.#registered.map(({ name, isSkipped }) => ({ name, isSkipped }));
	}

	async run(index: number): Promise<Outcome> {
		try {
			await this.#registered[index]?.body();
			return {};
		} catch (error) {
			return { failure: tell(error) };
		}
	}
}

/** An error with its stack and its causes. Some engines leave the message out of the stack. */
function tell(error: unknown): string {
	if (!(error instanceof Error)) {
		return String(error);
	}
	const { message, stack = "", cause } = error;
	const told = stack.includes(message) ? stack : `${message}\n${stack}`;
	return cause === undefined ? told : `${told}\ncaused by: ${tell(cause)}`;
}
