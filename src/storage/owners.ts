import { type ErrorPlace, StorageError } from "../errors.ts";
import { Observer } from "../host/observer.ts";
import { closed } from "../refusals.ts";
import { type Deferred, deferred } from "../turns/deferred.ts";
import { endingIfFailed, endingWith } from "../turns/endings.ts";
import { UnderWay } from "../turns/under-way.ts";

/** A partition with all that it holds, or one blob of it, by its name in hex. */
export interface OwnedPlace {
	readonly partition: string;
	readonly blob?: string;
}

const NOBODY = new Observer();

/** How an owner has a place: alone, or with others that share it. */
export type Sharing = "alone" | "shared";

/**
 * The owners of a store's partitions and blobs. An owner is registered before it does anything.
 * While it lives, a second one is refused; while it is being released, the second one waits.
 */
export class Owners {
	readonly #refuseIfClosed: () => void;
	/** Whether nothing can be written, so that all share. */
	readonly #isReadOnly: boolean;
	readonly #byKey = new Map<string, Set<Owner>>();
	readonly #opens = new UnderWay();

	constructor(isReadOnly: boolean, refuseIfClosed: () => void) {
		this.#isReadOnly = isReadOnly;
		this.#refuseIfClosed = refuseIfClosed;
	}

	get areNone(): boolean {
		return this.#byKey.size === 0;
	}

	/** An owner, which `opening` will register. */
	owner(
		what: string,
		places: readonly OwnedPlace[],
		sharing: Sharing,
		observer = NOBODY,
	): Owner {
		return new Owner(this, what, places, sharing, observer);
	}

	/**
	 * Registers an owner, and runs its open. Where that fails, the places are free again. Throws
	 * ERR_IN_USE, which names the owner in the way.
	 */
	opening<T>(owner: Owner, open: () => Promise<T>): Promise<T> {
		return this.#opens.run(async () => {
			const isFine = owner.sharing === "shared" ? isSharing : isNobody;
			await this.#whenFree(owner, isFine, () => this.#add(owner));
			return endingIfFailed(open, () => owner.release());
		});
	}

	/**
	 * Runs an open that takes over from an owner that shares its places. From then on it has them
	 * alone, and the others can change nothing. Throws ERR_IN_USE where one has taken over before.
	 */
	takingOver<T>(
		owner: Owner,
		what: string,
		open: () => Promise<T>,
	): Promise<T> {
		const { what: before, sharing } = owner;
		return this.#opens.run(async () => {
			if (sharing === "alone" && !this.#isReadOnly) {
				throw inUse(owner.places, owner);
			}
			const take = () => owner.become(what, "alone");
			await this.#whenFree(owner, isSharing, take);
			try {
				return await owner.during(open);
			} catch (error) {
				owner.become(before, sharing);
				throw error;
			}
		});
	}

	/**
	 * Runs a removal of a place. Owners of blobs there go on, but lose the name. New owners of the
	 * place wait until the end. Throws ERR_IN_USE where an owner has the whole partition.
	 */
	removing(place: OwnedPlace, remove: () => Promise<void>): Promise<void> {
		const removal = new Owner(this, "a removal", [place], "alone", NOBODY);
		removal.end();
		return this.#opens.run(async () => {
			await this.#whenFree(removal, hasBlob, () => this.#add(removal));
			const forgetting = async () => {
				await remove();
				this.#forget(place);
			};
			await endingWith(forgetting, () => removal.release());
		});
	}

	/** An owner without places: it has a part of another owner's. */
	within(what: string, observer = NOBODY): Owner {
		return new Owner(this, what, [], "shared", observer);
	}

	/** Throws ERR_IN_USE where another owner has taken over the shared places. */
	refuseIfOvertaken(owner: Owner): void {
		const isTaken = owner.sharing === "alone";
		const other = isTaken ? undefined : this.#inTheWay(owner, isSharing);
		if (other !== undefined) {
			throw inUse(owner.places, other);
		}
	}

	/** Waits for every open and removal under way. */
	settle(): Promise<void> {
		return this.#opens.settle();
	}

	/** For `Owner` only: frees its places. */
	remove(owner: Owner): void {
		for (const key of owner.places.flatMap(keysOf)) {
			const there = this.#byKey.get(key);
			there?.delete(owner);
			if (there?.size === 0) {
				this.#byKey.delete(key);
			}
		}
	}

	/** Calls `take`, at once or after the release of the owner in the way. */
	async #whenFree(
		owner: Owner,
		isFine: (other: Owner) => boolean,
		take: () => void,
	): Promise<void> {
		this.#refuseIfClosed();
		for (;;) {
			const other = this.#inTheWay(owner, isFine);
			if (other === undefined) {
				take();
				return;
			}
			if (other.over === undefined) {
				throw inUse(owner.places, other);
			}
			await other.over;
			this.#refuseIfClosed();
		}
	}

	#inTheWay(
		owner: Owner,
		isFine: (other: Owner) => boolean,
	): Owner | undefined {
		if (this.#isReadOnly) {
			return undefined;
		}
		for (const key of owner.places.flatMap(keysBeside)) {
			for (const other of this.#byKey.get(key) ?? []) {
				if (other !== owner && !isFine(other)) {
					return other;
				}
			}
		}
		return undefined;
	}

	#add(owner: Owner): void {
		for (const key of owner.places.flatMap(keysOf)) {
			const there = this.#byKey.get(key) ?? new Set();
			this.#byKey.set(key, there.add(owner));
		}
	}

	/** Owners of blobs there go on, but lose the name. */
	#forget(place: OwnedPlace): void {
		for (const key of keysBeside(place)) {
			for (const owner of [...(this.#byKey.get(key) ?? [])]) {
				this.remove(owner);
				owner.places = [];
			}
		}
	}
}

/** An owner of places in a store, from before its open to its release. */
export class Owner {
	readonly owners: Owners;
	/** Names it in the errors of those it keeps out. */
	what: string;
	sharing: Sharing;
	/** Empty once they are removed. */
	places: readonly OwnedPlace[];
	/** The listeners for these places. */
	observer: Observer;
	readonly #steps = new UnderWay();
	#isReleased = false;
	#over: Deferred<void> | undefined;

	constructor(
		owners: Owners,
		what: string,
		places: readonly OwnedPlace[],
		sharing: Sharing,
		observer: Observer,
	) {
		this.owners = owners;
		this.what = what;
		this.places = places;
		this.sharing = sharing;
		this.observer = observer;
	}

	/** Resolves when its places are free; undefined as long as it lives. */
	get over(): Promise<void> | undefined {
		return this.#over?.promise;
	}

	become(what: string, sharing: Sharing): void {
		this.what = what;
		this.sharing = sharing;
	}

	/**
	 * Runs a step of the owner on its places: they are not free before its end. Throws ERR_CLOSED
	 * after the release.
	 */
	async during<T>(step: () => Promise<T>): Promise<T> {
		if (this.#isReleased) {
			throw closed(this.what);
		}
		return this.#steps.run(step);
	}

	/** Called when its release begins: new owners of its places wait from then on. */
	end(): void {
		this.#over ??= deferred();
	}

	/** Its places are free when this resolves. May be called again. */
	async release(): Promise<void> {
		this.end();
		this.#isReleased = true;
		await this.#steps.settle();
		this.owners.remove(this);
		this.#over?.resolve();
	}
}

function isSharing({ sharing }: Owner): boolean {
	return sharing === "shared";
}

function isNobody(): boolean {
	return false;
}

function hasBlob({ places }: Owner): boolean {
	return places.every(({ blob }) => blob !== undefined);
}

/** The keys that register an owner of the place. */
function keysOf({ partition, blob }: OwnedPlace): string[] {
	return blob === undefined
		? [partition]
		: [`${partition}/${blob}`, `${partition}/`];
}

/** The keys of all owners of any part of the place. */
function keysBeside({ partition, blob }: OwnedPlace): string[] {
	return blob === undefined
		? [partition, `${partition}/`]
		: [partition, `${partition}/${blob}`];
}

function inUse(asked: readonly OwnedPlace[], holder: Owner): StorageError {
	const wanted = asked.map(({ partition }) => partition);
	const held =
		holder.places.find(({ partition }) => wanted.includes(partition)) ??
		holder.places[0];
	const place: ErrorPlace = { ...held, found: holder.what };
	const what =
		held?.blob === undefined
			? `partition ${held?.partition}`
			: `blob ${held.partition}/${held.blob}`;
	return new StorageError(
		"ERR_IN_USE",
		`${what} is held by ${holder.what} opened in this store; close it first`,
		place,
	);
}
