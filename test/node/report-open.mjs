import process from "node:process";

/** Opens a blob through a host, and says as JSON on standard output how that failed; `{}` where it did not. */
export async function reportOpen(openStorage, ...blob) {
	process.stdout.write(JSON.stringify(await failureOf(openStorage, ...blob)));
}

async function failureOf(openStorage, directory, partition, name, mode) {
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
		return { kind, code, message, place, cause: cause?.code ?? cause?.name };
	}
}
