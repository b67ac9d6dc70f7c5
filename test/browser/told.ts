/** How a call ended, as it crosses from a worker to its window, and from there to the driver. */
export type Told<T> =
	| { readonly value: T }
	| { readonly error: { readonly code: unknown; readonly message: string } };

export async function tell<T>(call: () => Promise<T>): Promise<Told<T>> {
	try {
		return { value: await call() };
	} catch (error) {
		const code = error instanceof Error && "code" in error ? error.code : "";
		return { error: { code, message: String(error) } };
	}
}

export function told<T>(outcome: Told<T>): T | undefined {
	if ("error" in outcome) {
		const { code, message } = outcome.error;
		throw Object.assign(new Error(message), { code });
	}
	// On its way from the browser an undefined value is lost.
	return outcome.value;
}
