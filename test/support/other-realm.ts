/**
 * Makes a value one of another realm, as far as code can tell without a second realm, which a worker cannot make: it
 * keeps what it is and what it holds, and is an instance of no class that is known here.
 */
export function ofOtherRealm<T extends object>(value: T): T {
	Object.setPrototypeOf(value, copied(Object.getPrototypeOf(value)));
	return value;
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
