import { openStorage } from "../../build/node.js";

/** Opens a blob, and says as JSON on standard output how that failed; `{}` where it did not. */
export async function reportOpen(directory, partition, name, mode) {
	process.stdout.write(
		JSON.stringify(await failureOf(directory, partition, name, mode)),
	);
}

async function failureOf(directory, partition, name, mode) {
	try {
		const readOnly = mode === "readOnly";
		const storage = await openStorage(directory, { readOnly });
		try {
			await storage.open(partition, name);
			return {};
		} finally {
			await storage.drop();
		}
	} catch (error) {
		const { name: kind, code, message, place, cause } = error;
		return { kind, code, message, place, cause: cause?.code };
	}
}
