// The worker of a page: does what the page hands on, one at a time.
import { ACTIONS, type Action, keepForEver } from "./actions.ts";
import { tell } from "./told.ts";

interface Asked {
	readonly action: Action | "keepForEver";
	readonly given: unknown[];
}

self.onmessage = async ({ data }: MessageEvent<Asked>) => {
	const { action, given } = data;
	if (action === "keepForEver") {
		await keepForEver((count) => self.postMessage(count));
	} else {
		const call = () => Reflect.apply(ACTIONS[action], undefined, given);
		self.postMessage(await tell(call));
	}
};
