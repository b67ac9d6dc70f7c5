/** Stands before a call of the platform, in a later turn than who calls; `call` makes it. */
export type Hook = (call: () => Promise<unknown>) => Promise<unknown>;

/** Runs the body while a method of file handles goes through the hook. */
export async function hooked(
	method: "createSyncAccessHandle" | "move",
	hook: Hook,
	body: () => Promise<void>,
): Promise<void> {
	const { prototype } = FileSystemFileHandle;
	const original = Reflect.get(prototype, method);
	const replacement = async function (this: object, ...given: unknown[]) {
		await undefined;
		return hook(() => Reflect.apply(original, this, given));
	};
	Reflect.set(prototype, method, replacement);
	try {
		await body();
	} finally {
		Reflect.set(prototype, method, original);
	}
}

/** Runs the body while something is otherwise than it is: a property of the platform, which is put back. */
export async function withProperty(
	object: object,
	name: string,
	value: unknown,
	body: () => Promise<void>,
): Promise<void> {
	const own = Reflect.getOwnPropertyDescriptor(object, name);
	Object.defineProperty(object, name, { value, configurable: true });
	try {
		await body();
	} finally {
		if (own === undefined) {
			Reflect.deleteProperty(object, name);
		} else {
			Object.defineProperty(object, name, own);
		}
	}
}
