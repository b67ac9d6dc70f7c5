import type { Observer } from "../../host/observer.ts";
import { splitPath } from "../names.ts";
import type { OutsideChange, OutsideReport } from "./outside-change.ts";

/** Changes by others since the last clean close, in the order in which they were found. */
export class OutsideChanges {
	readonly #observer: Observer;
	readonly #byPath = new Map<string, OutsideChange>();
	/** How many of them were reported. */
	#told = 0;

	constructor(observer: Observer) {
		this.#observer = observer;
	}

	/** Whether one was not reported yet. */
	get areNew(): boolean {
		return this.#byPath.size > this.#told;
	}

	get all(): OutsideChange[] {
		return [...this.#byPath.values()];
	}

	/** For a report of these partitions. */
	in(partitions: readonly string[]): OutsideReport {
		const changedOutside = this.all.filter(({ path }) =>
			partitions.includes(splitPath(path).partition),
		);
		return changedOutside.length > 0 ? { changedOutside } : {};
	}

	/** For a report of one blob. */
	of(path: string): OutsideReport {
		const change = this.#byPath.get(path);
		return change === undefined ? {} : { changedOutside: [change] };
	}

	/** Notes the first change of a path. */
	note(path: string, what: OutsideChange["what"]): void {
		if (!this.#byPath.has(path)) {
			this.#byPath.set(path, { path, what });
		}
	}

	/** Reports them: they are surely changes by others. */
	tell(): void {
		for (const change of this.all.slice(this.#told)) {
			this.#observer.event({ kind: "changed-outside", ...change });
		}
		this.#told = this.#byPath.size;
	}

	/** Drops them: they may all be dualslot's. */
	clear(): void {
		this.#byPath.clear();
		this.#told = 0;
	}
}
