// A worker that the user of the installed package starts. package.test.ts compiles and bundles it.
import "dualslot/opfs-worker";
