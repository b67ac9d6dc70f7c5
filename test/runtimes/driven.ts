import type { Awaitable } from "../../src/turns/awaitable.ts";

/** What a script in another runtime offers to whoever drives it from here: it says hello once, and answers numbers. */
export interface Script<Hello, Answer> {
	readonly hello: Hello;
	ask(number: number): Awaitable<Answer>;
}

/** A script in another runtime, seen from here. Hello and answers have crossed as JSON. */
export interface Driven<Hello, Answer> {
	/** What the runtime says of itself. */
	readonly version: string;
	readonly hello: Hello;
	ask(number: number): Promise<Answer>;
	close(): Promise<void>;
}
