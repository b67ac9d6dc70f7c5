import { setTimeout as delay } from "node:timers/promises";
import { failure } from "../../../src/host/answers.ts";
import { endingAtOnce } from "../../../src/turns/endings.ts";
import { nameOfErrno, systemError } from "../libc.ts";
import {
	ENTRIES_MAPPING,
	FEATURE_NODROP,
	FEATURE_RW_CUR_POS,
	FEATURE_SINGLE_MMAP,
	layoutOf,
	parametersFor,
	QUEUES_MAPPING,
	queuesLength,
	type RingLayout,
	SETUP_CLAMP,
	SUBMISSION_SIZE,
} from "./abi.ts";
import { FixedFiles } from "./fixed-files.ts";
import { FixedMemory } from "./fixed-memory.ts";
import { InFlight, type Request } from "./in-flight.ts";
import type { Mapping, RingKernel } from "./kernel.ts";
import { type Operation, type RingTarget, syncOperation } from "./operation.ts";
import { type Completion, CompletionQueue, SubmissionQueue } from "./queues.ts";
import { atWorkerEnd } from "./worker-end.ts";

/** holt's number of entries: the most in flight. */
const RING_ENTRIES = 256;

/**
 * Errors to try again: the kernel had no room, was interrupted, or wants its completions taken
 * first.
 */
const RETRIED = new Set(["EINTR", "EAGAIN", "EBUSY"]);
const FEATURES = FEATURE_SINGLE_MMAP | FEATURE_NODROP | FEATURE_RW_CUR_POS;
/**
 * Milliseconds between two polls of a ring that cannot be waited for: it is broken, has no thread,
 * or the kernel has taken nothing.
 */
const POLL = 2;
/** Its reactions run after all calls of this turn, and before anything else. */
const TURN = Promise.resolve();

/** Whether waiting for completions leaves the event loop free, in a thread, or holds it. */
export type RingWait = "async" | "blocking";

/**
 * An io_uring. Operations of one turn are submitted to the kernel in one call, at the turn's end,
 * as many as the ring has entries. The others follow as those complete, in no order.
 *
 *    submit → queued → submission queue → in flight → completion queue → resolved
 */
export class Ring {
	readonly files: FixedFiles;
	readonly memory: FixedMemory;
	readonly #kernel: RingKernel;
	readonly #fd: number;
	readonly #mappings: readonly [queues: Mapping, entries: Mapping];
	readonly #submissions: SubmissionQueue;
	readonly #completions: CompletionQueue;
	readonly #wait: RingWait;
	readonly #inFlight: InFlight;
	/** Waiting for an entry. */
	readonly #queued: Request[] = [];
	#isScheduled = false;
	/** Ends when nothing is in flight. */
	#waiting: Promise<void> | undefined;
	/**
	 * Then only the thread takes completions: it would wait on for others, and there might be none.
	 */
	#isInThread = false;
	/** Once it is set, nothing is submitted. */
	#failure: Error | undefined;
	/** Set once by close. */
	#ending: Promise<void> | undefined;
	/** Set before the ring is released. */
	#isOver = false;
	readonly #forgetWorkerEnd: () => void;

	private constructor(
		kernel: RingKernel,
		fd: number,
		layout: RingLayout,
		mappings: readonly [queues: Mapping, entries: Mapping],
		wait: RingWait,
	) {
		const [queues, entries] = mappings;
		this.#kernel = kernel;
		this.#fd = fd;
		this.#mappings = mappings;
		this.#wait = wait;
		this.#submissions = new SubmissionQueue(
			queues.memory,
			entries.memory,
			layout,
		);
		this.#completions = new CompletionQueue(queues.memory, layout);
		this.#inFlight = new InFlight(layout.submissions);
		this.files = new FixedFiles(kernel, fd);
		this.memory = new FixedMemory(kernel, fd);
		this.#forgetWorkerEnd = atWorkerEnd(() => this.#endWithWorker());
	}

	/** Undefined where the kernel refuses a ring, as in many containers, or is older than 5.6. */
	static open(kernel: RingKernel, wait: RingWait): Ring | undefined {
		const parameters = parametersFor(SETUP_CLAMP);
		const fd = kernel.setup(RING_ENTRIES, parameters);
		if (fd < 0) {
			return undefined;
		}
		const layout = layoutOf(parameters);
		const isNew = (layout.features & FEATURES) === FEATURES;
		const length = layout.submissions * SUBMISSION_SIZE;
		const queues =
			isNew && kernel.map(fd, QUEUES_MAPPING, queuesLength(layout));
		const entries = queues && kernel.map(fd, ENTRIES_MAPPING, length);
		if (queues && entries) {
			return new Ring(kernel, fd, layout, [queues, entries], wait);
		}
		if (queues) {
			queues.unmap();
		}
		kernel.close(fd);
		return undefined;
	}

	/**
	 * Resolves to the operation's count when it has completed, and keeps its memory until then.
	 * Rejects with a system error, the error that broke the ring, or EBADF once the ring is closed.
	 */
	submit(operation: Operation): Promise<number> {
		const refusal = this.#failure ?? (this.#ending && closedRing());
		if (refusal !== undefined) {
			return Promise.reject(refusal);
		}
		return new Promise((resolve, reject) => {
			this.#queued.push({ operation, resolve, reject });
			if (!this.#isScheduled) {
				this.#isScheduled = true;
				TURN.then(() => this.#endTurn());
			}
		});
	}

	/** Makes a file durable, or with FSYNC_ flags only its bytes. */
	async sync(file: RingTarget, flags: number): Promise<void> {
		const answer = await this.submit(syncOperation(file, flags));
		if (answer !== 0) {
			throw failure("EIO", `a sync by io_uring came to ${answer}`);
		}
	}

	/**
	 * Waits for all submitted operations, and releases the ring. Later calls share the first close.
	 */
	close(): Promise<void> {
		this.#ending ??= this.#end();
		return this.#ending;
	}

	/** The most operations in flight. */
	get depth(): number {
		return this.#inFlight.most;
	}

	/** Operations that were submitted and have not completed. */
	get pending(): number {
		return this.#inFlight.count;
	}

	/** Operations that the kernel has and has not given back. */
	get #inKernel(): number {
		return this.#inFlight.count - this.#submissions.length;
	}

	async #end(): Promise<void> {
		// Operations of this turn are submitted first, at its end.
		await TURN;
		await this.#waiting;
		this.#giveBack();
	}

	/**
	 * Runs in one turn, the last. Waits for operations whose memory ends with the worker, and leaves
	 * the completions: a thread may be waiting for them too, and the worker's end for that thread.
	 * For a ring that lost track nobody knows what is to come.
	 */
	#endWithWorker(): void {
		let isWaiting = this.#failure === undefined && this.#inKernel > 0;
		while (isWaiting) {
			const answer = this.#kernel.enter(this.#fd, 0, this.#inKernel);
			isWaiting = answer < 0 && nameOfErrno(-answer) === "EINTR";
		}
		this.#giveBack();
	}

	/** Runs once: somebody else may have its number and its addresses later. */
	#giveBack(): void {
		if (this.#isOver) {
			return;
		}
		this.#isOver = true;
		this.#failure ??= closedRing();
		this.#forgetWorkerEnd();
		this.#submissions.letGo();
		this.#completions.letGo();
		const [queues, entries] = this.#mappings;
		const unmap = () =>
			endingAtOnce(
				() => queues.unmap(),
				() => entries.unmap(),
			);
		endingAtOnce(unmap, () => this.#kernel.close(this.#fd));
	}

	#endTurn(): void {
		this.#isScheduled = false;
		if (this.#isOver) {
			return;
		}
		this.#advance();
		while (
			this.#wait === "blocking" &&
			this.#failure === undefined &&
			this.#inFlight.count > 0
		) {
			// A call of its own: one that also submitted has been seen never to return, for no known
			// reason.
			this.#enter(this.#inFlight.count);
			this.#advance();
		}
		if (this.#inFlight.count > 0) {
			this.#waiting ??= this.#waitInThread();
		}
	}

	/** Submits as much as there is room for, and takes completions. */
	#advance(): void {
		let isMoving = true;
		while (isMoving) {
			this.#fill();
			const hasEntered = this.#submissions.length > 0 && this.#enter(0);
			const hasTaken = !this.#isInThread && this.#takeCompletions();
			isMoving = hasTaken || hasEntered;
		}
	}

	async #waitInThread(): Promise<void> {
		while (this.#inFlight.count > 0) {
			this.#isInThread = this.#failure === undefined && this.#inKernel > 0;
			const answer = this.#isInThread
				? await this.#kernel.enterInThread(this.#fd, 0, 1)
				: undefined;
			this.#isInThread = false;
			if (answer === undefined) {
				await delay(POLL);
			} else {
				this.#judge(answer, 0);
			}
			this.#advance();
		}
		this.#waiting = undefined;
	}

	#fill(): void {
		while (!this.#inFlight.isFull) {
			const request = this.#queued.shift();
			if (request === undefined) {
				return;
			}
			const ticket = this.#inFlight.add(request);
			this.#submissions.push(request.operation, ticket);
		}
	}

	/** Waits for so many completions. Returns whether the kernel took an entry. */
	#enter(complete: number): boolean {
		const pending = this.#submissions.length;
		this.#judge(this.#kernel.enter(this.#fd, pending, complete), pending);
		return this.#submissions.length < pending;
	}

	/** Returns whether there were any. */
	#takeCompletions(): boolean {
		let count = 0;
		for (
			let completion = this.#completions.take();
			completion !== undefined;
			completion = this.#completions.take()
		) {
			this.#complete(completion);
			count += 1;
		}
		return count > 0;
	}

	#complete(completion: Completion): void {
		const request = this.#inFlight.take(completion);
		const { slot, use, result } = completion;
		if (request === undefined) {
			this.#fail(
				failure(
					"EIO",
					`io_uring completed what is not in flight: operation ${use} of slot ${slot}, with ${result}`,
				),
			);
			return;
		}
		const { resolve, reject } = request;
		if (this.#failure !== undefined) {
			reject(this.#failure);
		} else if (result >= 0) {
			resolve(result);
		} else if (RETRIED.has(nameOfErrno(-result))) {
			this.#queued.push(request);
		} else {
			reject(systemError(-result, "an operation of io_uring"));
		}
	}

	/** `answer` says how many of the `pending` entries the kernel took. */
	#judge(answer: number, pending: number): void {
		if (answer > pending) {
			const what = `io_uring took ${answer} entries of ${pending}`;
			this.#fail(failure("EIO", what));
		} else if (answer < 0 && !RETRIED.has(nameOfErrno(-answer))) {
			this.#fail(systemError(-answer, "io_uring_enter"));
		}
	}

	/**
	 * A ring that lost track takes nothing more, and none of its completions is believed. An
	 * operation in the kernel may use its memory until it has completed: only then is it rejected.
	 */
	#fail(failure: Error): void {
		this.#failure ??= failure;
		const neverTaken = this.#submissions
			.withdraw()
			.map((ticket) => this.#inFlight.take(ticket));
		for (const request of [...neverTaken, ...this.#queued.splice(0)]) {
			request?.reject(this.#failure);
		}
	}
}

function closedRing(): Error {
	return failure("EBADF", "the io_uring is closed");
}
