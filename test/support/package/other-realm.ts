/**
 * Makes a value look as if it came from another realm, since a worker cannot make a second one. It
 * keeps its kind and its contents, and is an instance of no class that is known here.
 */
export function ofOtherRealm<T extends object>(value: T): T {
	Object.setPrototypeOf(value, copied(Object.getPrototypeOf(value)));
	return value;
}

/**
 * As ofOtherRealm, for values whose methods accept no other realm's: they are called on the value
 * itself.
 */
export function standingFor<T extends object>(value: T): T {
	return new Proxy(value, {
		getPrototypeOf: (target) => copied(Object.getPrototypeOf(target)),
		get: (target, key) => {
			const found: unknown = Reflect.get(target, key, target);
			return typeof found === "function" ? found.bind(target) : found;
		},
	});
}

function copied(prototype: object | null): object | null {
	return (
		prototype &&
		Object.create(
			copied(Object.getPrototypeOf(prototype)),
			Object.getOwnPropertyDescriptors(prototype),
		)
	);
}
