/**
 * Node's own HTTP, taken without an `import`: that would read every export, also those which load a second client only when they
 * are read, and so cost each start of a process 30 ms.
 */
export const { createServer, request, STATUS_CODES } = process.getBuiltinModule('node:http');
