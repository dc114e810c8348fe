/**
 * @file Loaded into a process before its own code (`node --import`): when the process that started it is gone, however it
 * went, the channel between them closes, and it ends too. So nothing is left running.
 */

process.on("disconnect", () => process.exit());
// To listen must not keep alive what has nothing left to do.
process.channel?.unref();
