// Loaded before a program, makes Deno one that can lock a file and cannot try to.
delete Deno.FsFile.prototype.tryLock;
delete Deno.FsFile.prototype.tryLockSync;
