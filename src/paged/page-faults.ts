/** Is given a page, or what is valid of it, a view to be used at once. */
export type PageTaker = (page: Uint8Array) => void;

/** Is told of a page in linear memory, and how many bytes of it are valid. */
export type PageDelivery = (address: number, length: number) => void;

/** Has all who wait for a page that has come take it. */
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
 * The fetches of one blob's pages that are under way, one at a time for each page. A fetch that
 * fails does so for all who wait for it.
 */
export class PageFaults {
	readonly #faults = new Map<number, PageFault>();

	/**
	 * Waits for the fetch of a page that is under way, or begins one. Who waits takes the page as it
	 * comes, since others may have claimed its slot by the time that a promise has told of it. Nobody
	 * takes a page whose fault was forgotten meanwhile.
	 */
	async join(
		page: number,
		fetch: (deliver: PageDelivery) => Promise<void>,
		take: PageTaker,
		arrive: PageArrival,
	): Promise<void> {
		const running = this.#faults.get(page);
		if (running !== undefined) {
			running.takers.push(take);
			return running.flight;
		}
		const fault: PageFault = { flight: Promise.resolve(), takers: [take] };
		// Known before it begins: the page may come at once.
		this.#faults.set(page, fault);
		fault.flight = fetch((address, length) => {
			if (this.#end(page, fault)) {
				arrive(address, length, fault.takers);
			}
		});
		try {
			await fault.flight;
		} finally {
			this.#end(page, fault);
		}
	}

	/** A fault that is not known any more gives nothing out. */
	forgetAll(): void {
		this.#faults.clear();
	}

	/** Answers whether the fault was still known. */
	#end(page: number, fault: PageFault): boolean {
		return this.#faults.get(page) === fault && this.#faults.delete(page);
	}
}
