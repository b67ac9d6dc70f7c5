import type { Core } from "../core/core.ts";

/** Bounds the bookkeeping for the values of a piece. */
const VALUES_EACH_MAX = 1024;

/** The source of the memory: pieces of `pieceBytes` each. */
export interface ValuePieces {
	readonly pieceBytes: number;
	/** The address of one more piece, or undefined. */
	more(memory: ValueMemory): number | undefined;
}

interface Piece {
	readonly address: number;
	/** How many bytes from its start are taken. */
	length: number;
	/** In their order, those that were forgotten too. */
	readonly values: CachedValue[];
	/** Whether a value of it was found since the piece was filled, or spared. */
	isReferenced: boolean;
}

interface CachedValue {
	readonly owner: CachedValues;
	readonly piece: Piece;
	/** In its blob. */
	readonly offset: number;
	readonly address: number;
	readonly length: number;
}

/**
 * Values of any size, of any number of blobs, that were read lately, in pieces of linear memory.
 * Once there is no other piece, the oldest is filled anew, unless a value of it was found
 * meanwhile: such a piece is spared once.
 *
 *    oldest piece                          newest piece
 *    | value | value | … | value | -- |    | value | value | room …      |
 */
export class ValueMemory {
	readonly #core: Core;
	readonly #source: ValuePieces;
	/** The oldest first. */
	readonly #pieces: Piece[] = [];
	/** How many blobs have values here. */
	#users = 0;

	constructor(core: Core, source: ValuePieces) {
		this.#core = core;
		this.#source = source;
	}

	get pieces(): number {
		return this.#pieces.length;
	}

	/** Whether an open blob has values here. */
	get isUsed(): boolean {
		return this.#users > 0;
	}

	/** Gives up the oldest piece and its values. Returns the address. */
	giveUp(): number | undefined {
		const piece = this.#pieces.shift();
		if (piece !== undefined) {
			evictAll(piece);
		}
		return piece?.address;
	}

	/** The values of one more blob. */
	valuesOfBlob(): CachedValues {
		return new CachedValues(this);
	}

	attach(): void {
		this.#users += 1;
	}

	/** Counts one blob less. */
	detach(): void {
		this.#users -= 1;
	}

	/** A copy of a value; counts as a hit. */
	read({ piece, address, length }: CachedValue): Uint8Array {
		piece.isReferenced = true;
		return this.#core.bytes(address, length).slice();
	}

	/** Copies a value in; undefined where there is no room for it. */
	put(
		owner: CachedValues,
		offset: number,
		bytes: Uint8Array,
	): CachedValue | undefined {
		const { length } = bytes;
		const piece = this.#pieceFor(length);
		if (piece === undefined) {
			return undefined;
		}
		const address = piece.address + piece.length;
		this.#core.write(address, bytes);
		const value = { owner, piece, offset, address, length };
		piece.length += length;
		piece.values.push(value);
		return value;
	}

	#pieceFor(length: number): Piece | undefined {
		const { pieceBytes } = this.#source;
		if (length > pieceBytes) {
			return undefined;
		}
		const newest = this.#pieces[this.#pieces.length - 1];
		const hasRoom =
			newest !== undefined &&
			newest.length + length <= pieceBytes &&
			newest.values.length < VALUES_EACH_MAX;
		return hasRoom ? newest : this.#emptyPiece();
	}

	#emptyPiece(): Piece | undefined {
		const address = this.#source.more(this) ?? this.#unspared();
		if (address === undefined) {
			return undefined;
		}
		const piece = { address, length: 0, values: [], isReferenced: false };
		this.#pieces.push(piece);
		return piece;
	}

	#unspared(): number | undefined {
		for (let left = this.#pieces.length; left > 0; left -= 1) {
			const [oldest] = this.#pieces;
			if (oldest?.isReferenced !== true) {
				break;
			}
			oldest.isReferenced = false;
			this.#pieces.shift();
			this.#pieces.push(oldest);
		}
		return this.giveUp();
	}
}

/** One blob's values that were read lately. */
export class CachedValues {
	readonly #memory: ValueMemory;
	/** By their offset. */
	readonly #values = new Map<number, CachedValue>();
	#isAttached = false;

	constructor(memory: ValueMemory) {
		this.#memory = memory;
	}

	/** A copy of the value of so many bytes at an offset; undefined when it is not here. */
	get(offset: number, length: number): Uint8Array | undefined {
		const value = this.#values.get(offset);
		return value?.length === length ? this.#memory.read(value) : undefined;
	}

	/** Keeps a copy of the value at an offset, in place of an older one. An empty one needs none. */
	put(offset: number, bytes: Uint8Array): void {
		if (bytes.length === 0) {
			return;
		}
		if (!this.#isAttached) {
			this.#isAttached = true;
			this.#memory.attach();
		}
		const value = this.#memory.put(this, offset, bytes);
		if (value !== undefined) {
			this.#values.set(offset, value);
		}
	}

	/** Forgets all values, and has the memory forget this user. */
	end(): void {
		this.#values.clear();
		if (this.#isAttached) {
			this.#isAttached = false;
			this.#memory.detach();
		}
	}

	/** Forgets the values that end behind an offset. */
	forgetBehind(end: number): void {
		for (const [offset, { length }] of this.#values) {
			if (offset + length > end) {
				this.#values.delete(offset);
			}
		}
	}

	/** Forgets a value that lost its memory. */
	evict(value: CachedValue): void {
		if (this.#values.get(value.offset) === value) {
			this.#values.delete(value.offset);
		}
	}
}

function evictAll({ values }: Piece): void {
	for (const value of values) {
		value.owner.evict(value);
	}
}
