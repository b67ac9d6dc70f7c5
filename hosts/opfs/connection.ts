import { failure } from "../../src/host/answers.ts";
import { checkedAnswer } from "./answers.ts";
import { Deadline, WORKER_MILLISECONDS } from "./deadline.ts";
import { beginLife, endOfLife } from "./lock.ts";
import {
	type Answer,
	type Call,
	type FromWorker,
	listen,
	type MessageEnd,
	type Request,
	type ToWorker,
	toError,
} from "./messages.ts";

interface Pending {
	settle(answer: Answer): void;
	reject(error: unknown): void;
}

interface Letter {
	readonly message: ToWorker;
	readonly transfer: Transferable[];
}

/**
 * A worker's script may come over a slow network. If it never serves, its callers must not wait for
 * ever.
 */
const START_MILLISECONDS = 30_000;

/**
 * Requests are numbered for each worker or port, so each has one connection, shared by all who use
 * it.
 */
const CONNECTIONS = new WeakMap<MessageEnd, Connection>();

/**
 * The window's end. Requests wait until the worker serves. When it cannot, or has ended, every
 * request fails, and so does every later one.
 */
export class Connection {
	readonly #end: MessageEnd;
	readonly #pending = new Map<number, Pending>();
	readonly #life = beginLife();
	readonly #timer: ReturnType<typeof setTimeout>;
	/** Letters to send when the worker serves; undefined since it does. */
	#unsent: Letter[] | undefined = [];
	/** Set once by the first message that the worker serves. */
	#service: Promise<void> | undefined;
	/**
	 * Runs while an answer is awaited. A browser may never finish a synchronous call, and then its
	 * worker never answers.
	 */
	readonly #silence = new Deadline(WORKER_MILLISECONDS, () =>
		this.#fail(failure("ETIMEDOUT", UNANSWERED)),
	);
	#last = 0;
	#failure: Error | undefined;
	readonly #losers = new Set<(error: Error) => void>();

	static to(end: MessageEnd): Connection {
		const connection = CONNECTIONS.get(end) ?? new Connection(end);
		CONNECTIONS.set(end, connection);
		return connection;
	}

	private constructor(end: MessageEnd) {
		this.#end = end;
		this.#timer = setTimeout(
			() => this.#fail(failedStart(SILENT)),
			START_MILLISECONDS,
		);
		listen<FromWorker>(end, (message) => this.#receive(message));
		end.addEventListener("error", (event) => this.#failUnlessServed(event));
		end.addEventListener("messageerror", () =>
			this.#fail(failure("EIO", "an answer of the worker could not be read")),
		);
		this.#greet().catch((error) => this.#fail(error));
	}

	get hasFailed(): boolean {
		return this.#failure !== undefined;
	}

	/** Calls `tell` when the connection is lost, until the result is called. */
	whenLost(tell: (error: Error) => void): () => void {
		this.#losers.add(tell);
		return () => this.#losers.delete(tell);
	}

	/** The caller loses what is transferred. */
	ask<C extends Call>(
		request: Request & { readonly call: C },
		transfer: Transferable[] = [],
	): Promise<Answer<C>> {
		return new Promise((resolve, reject) => {
			if (this.#failure !== undefined) {
				reject(this.#failure);
				return;
			}
			this.#last += 1;
			const settle = (answer: Answer) =>
				resolve(checkedAnswer(request.call, answer));
			this.#pending.set(this.#last, { settle, reject });
			this.#expect();
			const message = { dualslot: "request", id: this.#last, request } as const;
			this.#send({ message, transfer });
		});
	}

	async #greet(): Promise<void> {
		const { name } = await this.#life;
		this.#post({ message: { dualslot: "hello", life: name }, transfer: [] });
	}

	#receive(message: FromWorker): void {
		switch (message.dualslot) {
			case "ready":
				// Each hello is answered by another: answering that too would never end.
				this.#service ??= this.#begin(message.life).catch((error) =>
					this.#fail(error),
				);
				break;
			case "refusal":
				this.#fail(toError(message.error));
				break;
			case "answer":
				this.#settle(message.id, message.answer);
				break;
			case "failure":
				this.#take(message.id)?.reject(toError(message.error));
		}
	}

	/** Sends the waiting letters, and then waits for the worker's end, which no browser reports. */
	async #begin(life: string): Promise<void> {
		// A worker that has just begun to serve has not heard the first hello.
		await this.#greet();
		const unsent = this.#unsent;
		if (unsent !== undefined && this.#failure === undefined) {
			this.#unsent = undefined;
			clearTimeout(this.#timer);
			for (const letter of unsent) {
				this.#post(letter);
			}
			this.#expect();
			await endOfLife(life);
			throw failure("EIO", "the worker that moves the bytes has ended");
		}
	}

	#send(letter: Letter): void {
		if (this.#unsent === undefined) {
			this.#post(letter);
		} else {
			this.#unsent.push(letter);
		}
	}

	#post({ message, transfer }: Letter): void {
		this.#end.postMessage(message, { transfer });
	}

	#settle(id: number, answer: Answer): void {
		const pending = this.#take(id);
		try {
			pending?.settle(answer);
		} catch (error) {
			pending?.reject(error);
		}
	}

	#take(id: number): Pending | undefined {
		const pending = this.#pending.get(id);
		this.#pending.delete(id);
		this.#expect();
		return pending;
	}

	/** Expects the next answer, if the worker serves and an answer is due. */
	#expect(): void {
		if (this.#unsent === undefined && this.#pending.size > 0) {
			this.#silence.begin();
		} else {
			this.#silence.end();
		}
	}

	/** Once it serves, an error comes from its other work. */
	#failUnlessServed(event: Event): void {
		if (this.#unsent !== undefined) {
			const thrown = "message" in event ? String(event.message) : "";
			this.#fail(failedStart(thrown === "" ? NOT_LOADED : thrown));
		}
	}

	#fail(error: Error): void {
		if (this.#failure !== undefined) {
			return;
		}
		this.#failure = error;
		clearTimeout(this.#timer);
		for (const { reject } of this.#pending.values()) {
			reject(error);
		}
		this.#pending.clear();
		for (const tell of this.#losers) {
			tell(error);
		}
		this.#silence.end();
		// A worker that lives after all holds nothing more for this end. A life that did not begin, or
		// ended by itself, was reported by the failure.
		this.#life.then(({ end }) => end()).catch(() => undefined);
	}
}

const SILENT = `it has not answered for ${START_MILLISECONDS / 1000} seconds; does it import dualslot/opfs-worker?`;
const UNANSWERED = `the worker that moves the bytes has not answered for ${WORKER_MILLISECONDS / 1000} seconds`;
const NOT_LOADED =
	"its script was not loaded; is it where the page looks for it, and allowed by the content policy?";

function failedStart(reason: string): Error {
	return failure(
		"EIO",
		`the worker that moves the bytes did not start: ${reason}`,
	);
}
