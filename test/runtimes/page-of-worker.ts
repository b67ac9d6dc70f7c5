// The page around a script that runs in a dedicated worker: it hands on numbers, one at a time, and answers.
const worker = new Worker(new URL("./in-worker.js", import.meta.url), {
	type: "module",
});
const hello = await nextMessage();
globalThis.script = {
	hello,
	ask(number) {
		worker.postMessage(number);
		return nextMessage();
	},
};

function nextMessage(): Promise<unknown> {
	return new Promise((resolve, reject) => {
		worker.onmessage = ({ data }) => resolve(data);
		worker.onerror = ({ message }) => reject(new Error(message));
	});
}
