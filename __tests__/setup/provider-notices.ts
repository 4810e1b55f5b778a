/* node-oidc-provider's notices about Node 20 and its in-memory adapter are known and would bury the results. */
const warn = console.warn
const info = console.info
const isNotice = (line: unknown) => /oidc-provider (WARNING|NOTICE|INFO)/.test(String(line))

console.warn = (...line) => isNotice(line[0]) || warn(...line)
console.info = (...line) => isNotice(line[0]) || info(...line)
