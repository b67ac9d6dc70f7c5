import { reasonOf, StorageError } from "../../src/errors.ts";
import type {
	HostEntry,
	HostFile,
	LockState,
	OpenMode,
} from "../../src/host/host.ts";

interface OfPath {
	readonly store: string;
	readonly path: string;
}

interface OfFile {
	readonly file: number;
}

/** The answer of a call without a result. */
type Nothing = Awaited<ReturnType<HostFile["sync"]>>;

/**
 * A window's requests to the worker that moves its bytes, and their answers. A store goes by its
 * name, files and locks by numbers that the worker assigns. A read returns only the bytes that
 * there were.
 */
interface Calls {
	open: { ask: OfPath & { mode: OpenMode }; answer: number | undefined };
	list: { ask: OfPath; answer: HostEntry[] | undefined };
	makeDirectory: { ask: OfPath; answer: boolean };
	remove: { ask: OfPath; answer: boolean };
	rename: {
		ask: { store: string; from: string; to: string };
		answer: Nothing;
	};
	syncDirectory: { ask: OfPath; answer: Nothing };
	lock: {
		ask: { store: string; path: string | undefined };
		answer: number | undefined;
	};
	lockState: { ask: { store: string }; answer: LockState };
	unlock: { ask: { lock: number }; answer: Nothing };
	size: { ask: OfFile; answer: number };
	read: {
		ask: OfFile & { offset: number; length: number };
		answer: ArrayBuffer;
	};
	write: {
		ask: OfFile & { offset: number; bytes: ArrayBuffer };
		answer: Nothing;
	};
	truncate: { ask: OfFile & { size: number }; answer: Nothing };
	allocate: { ask: OfFile & { size: number }; answer: boolean };
	sync: { ask: OfFile; answer: Nothing };
	close: { ask: OfFile; answer: Nothing };
}

export type Call = keyof Calls;
export type Request<C extends Call = Call> = {
	[K in C]: Readonly<Calls[K]["ask"]> & { readonly call: K };
}[C];
export type Answer<C extends Call = Call> = Calls[C]["answer"];

/** To the worker. A life is the name of a lock that the sender holds for as long as it lives. */
export type ToWorker =
	| { readonly dualslot: "hello"; readonly life: string }
	| {
			readonly dualslot: "request";
			readonly id: number;
			readonly request: Request;
	  };

/**
 * From the worker, which says that it is ready when it begins to serve, and again after each hello.
 */
export type FromWorker =
	| { readonly dualslot: "ready"; readonly life: string }
	| { readonly dualslot: "refusal"; readonly error: ErrorMessage }
	| {
			readonly dualslot: "answer";
			readonly id: number;
			readonly answer: Answer;
	  }
	| {
			readonly dualslot: "failure";
			readonly id: number;
			readonly error: ErrorMessage;
	  };

/** An end of a channel: a worker, a port, or inside a worker its own global scope. */
export interface MessageEnd {
	postMessage(message: unknown, options: { transfer: Transferable[] }): void;
	addEventListener(type: string, listener: (event: Event) => void): void;
	/** Only for a port, which delivers nothing before. */
	start?(): void;
}

/** Calls the listener with every message of dualslot's, and ignores others. */
export function listen<Message extends ToWorker | FromWorker>(
	end: MessageEnd,
	listener: (message: Message) => void,
): void {
	end.addEventListener("message", (event) => {
		const data: unknown = "data" in event ? event.data : undefined;
		if (typeof data === "object" && data !== null && "dualslot" in data) {
			listener(data as Message);
		}
	});
	end.start?.();
}

/** An error as a message. */
interface ErrorMessage {
	readonly name: string;
	readonly message: string;
	readonly code?: unknown;
}

export function toMessage(error: unknown): ErrorMessage {
	const { name = "Error", code }: Partial<ErrorMessage> = Object(error);
	const message = reasonOf(error);
	return code === undefined ? { name, message } : { name, message, code };
}

export function toError({ message, ...rest }: ErrorMessage): Error {
	const { code } = rest;
	return code === "ERR_UNSUPPORTED" || code === "ERR_OWNER_LOST"
		? new StorageError(code, message)
		: Object.assign(new Error(message), rest);
}
