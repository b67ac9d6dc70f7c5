/** The built entry point of a host, by its name. */
export function builtHost(name) {
	return import(`../../../build/${name}.js`);
}
