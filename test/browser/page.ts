import { ACTIONS, type Action, type Actions } from "./actions.ts";
import { type Told, tell } from "./told.ts";

type Answer = Told<Awaited<ReturnType<Actions[Action]>>>;

/** What a page offers to its driver. */
interface Page {
	inWindow(action: Action, given: unknown[]): Promise<Answer>;
	inWorker(action: Action, given: unknown[]): Promise<Answer>;
	/** Has the worker keep lines, ends it at the one of that number, and answers how many it had told of. */
	endWorkerAt(count: number): Promise<number>;
}

declare global {
	var page: Page;
}

let worker: Worker | undefined;

globalThis.page = {
	inWindow: (action, given) =>
		tell(() => Reflect.apply(ACTIONS[action], undefined, given)),
	inWorker(action, given) {
		startedWorker().postMessage({ action, given });
		return new Promise((resolve) => {
			startedWorker().onmessage = ({ data }) => resolve(data);
		});
	},
	endWorkerAt(count) {
		const keeping = startedWorker();
		keeping.postMessage({ action: "keepForEver" });
		return new Promise((resolve) => {
			keeping.onmessage = ({ data }) => {
				if (data >= count) {
					keeping.terminate();
					worker = undefined;
					resolve(data);
				}
			};
		});
	},
};

function startedWorker(): Worker {
	worker ??= new Worker("/in-worker.js", { type: "module" });
	return worker;
}
