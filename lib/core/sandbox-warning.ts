/** Warns that texts for developers are sent to clients. */
export const warnOfSandbox = (): void =>
  process.emitWarning(
    'SANDBOX: this policy sends hints for developers to clients, in error_description. It is for test environments and not for production: set sandbox: false there, or leave it out.',
    { code: 'FAPI_SANDBOX' },
  )
