import { isPromise } from "../checks.ts";
import type { Awaitable } from "../turns/awaitable.ts";
import { during } from "../turns/during.ts";

/** Takes a view of a page, or of its valid bytes, to be used at once. */
export type PageTaker = (page: Uint8Array) => void;

/** Takes a page's address in linear memory and the count of valid bytes. */
export type PageDelivery = (address: number, length: number) => void;

/** Fetches a page, and delivers it: at once where the host answers at once. */
export type PageFetch = (deliver: PageDelivery) => Awaitable<void>;

/** Gives a fetched page to all who wait for it. */
type PageArrival = (
	address: number,
	length: number,
	takers: readonly PageTaker[],
) => void;

/** A fetch of a page, and who waits for it. */
interface PageFault {
	flight: Promise<void>;
	readonly takers: PageTaker[];
}

/**
 * The fetches of one blob's pages under way: at most one for each page. A fetch that fails rejects
 * for all who wait for it.
 */
export class PageFaults {
	readonly #faults = new Map<number, PageFault>();

	/**
	 * Joins the fetch of a page under way, or begins one. Each `take` runs as the page arrives: by
	 * the time a promise resolves, others may have claimed its slot. A page whose fault was forgotten
	 * meanwhile is given to nobody.
	 */
	join(
		page: number,
		fetch: PageFetch,
		take: PageTaker,
		arrive: PageArrival,
	): Awaitable<void> {
		const running = this.#faults.get(page);
		if (running !== undefined) {
			running.takers.push(take);
			return running.flight;
		}
		const fault: PageFault = { flight: Promise.resolve(), takers: [take] };
		// Set before the fetch: the page may come at once.
		this.#faults.set(page, fault);
		const deliver = (address: number, length: number) => {
			if (this.#end(page, fault)) {
				arrive(address, length, fault.takers);
			}
		};
		const flight = during(
			() => fetch(deliver),
			() => this.#end(page, fault),
		);
		if (isPromise(flight)) {
			fault.flight = flight;
		}
		return flight;
	}

	/** Forgotten faults give nothing to their takers. */
	forgetAll(): void {
		this.#faults.clear();
	}

	/** Returns whether the fault was still known. */
	#end(page: number, fault: PageFault): boolean {
		return this.#faults.get(page) === fault && this.#faults.delete(page);
	}
}
