import { isArrayBuffer } from "../../src/checks.ts";
import { Mutex } from "../../src/turns/mutex.ts";
import { ByteMover } from "./byte-mover.ts";
import { beginLife, endOfLife, type Life } from "./lock.ts";
import {
	type FromWorker,
	listen,
	type MessageEnd,
	type Request,
	type ToWorker,
	toMessage,
} from "./messages.ts";
import {
	hasAccessHandles,
	requireFileSystem,
	unsupported,
} from "./platform.ts";

/** The worker's end: performs the other end's requests, in their order, one at a time. */
export class Service {
	readonly #end: MessageEnd;
	readonly #mover: ByteMover;
	readonly #turn = new Mutex();
	#life: Promise<Life> | undefined;
	/** The life of the other end, once it has said hello. */
	#client: string | undefined;
	#isOver = false;

	/** `stores` are those that the other end may open; all where it is undefined. */
	constructor(end: MessageEnd, stores: readonly string[] | undefined) {
		this.#end = end;
		this.#mover = new ByteMover(stores);
	}

	start(): void {
		listen<ToWorker>(this.#end, (message) => {
			if (message.dualslot === "hello") {
				this.#greet(message.life).catch((error) => this.#refuse(error));
			} else if (!this.#isOver) {
				this.#turn.run(() => this.#reply(message.id, message.request));
			}
		});
		this.#sayReady();
	}

	async #sayReady(): Promise<void> {
		try {
			requireFileSystem();
			if (!hasAccessHandles()) {
				throw unsupported("bytes are moved by a dedicated worker alone");
			}
			this.#life ??= beginLife();
			const { name } = await this.#life;
			this.#post({ dualslot: "ready", life: name });
		} catch (error) {
			this.#refuse(error);
		}
	}

	#refuse(error: unknown): void {
		this.#post({ dualslot: "refusal", error: toMessage(error) });
	}

	/** Frees the other end's files and locks when it has gone, though this worker goes on. */
	async #greet(client: string): Promise<void> {
		this.#sayReady();
		if (this.#client === undefined) {
			this.#client = client;
			await endOfLife(client);
			this.#isOver = true;
			await this.#turn.run(() => this.#mover.letGo());
		}
	}

	async #reply(id: number, request: Request): Promise<void> {
		try {
			const answer = await this.#mover.perform(request);
			const transfer = isArrayBuffer(answer) ? [answer] : [];
			this.#post({ dualslot: "answer", id, answer }, transfer);
		} catch (error) {
			this.#post({ dualslot: "failure", id, error: toMessage(error) });
		}
	}

	#post(message: FromWorker, transfer: Transferable[] = []): void {
		this.#end.postMessage(message, { transfer });
	}
}
