export default {
  testEnvironment: 'node',
  // One less would leave half of a machine with two processors idle.
  maxWorkers: '100%',
  // Modules of a finished test file are never let go, and with them a process grows slow: then a new one takes over.
  workerIdleMemoryLimit: '1GB',
  // Keys, browsers and fifty requests at once take their time on a busy machine.
  testTimeout: 120_000,
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2023', parser: { syntax: 'typescript' } } }],
    '^.+\\.tsx$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2023',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic', importSource: 'preact' } },
        },
      },
    ],
  },
  moduleNameMapper: {
    '^express-fapi$': '<rootDir>/lib/index.ts',
    '^express-fapi/console$': '<rootDir>/lib/console/index.ts',
    '^express-fapi/provider$': '<rootDir>/lib/provider/index.ts',
    '^express-fapi/testing$': '<rootDir>/lib/testing/index.ts',
    '^express-fapi/trust$': '<rootDir>/lib/trust/index.ts',
    '^express-fapi/stores/(.*)$': '<rootDir>/lib/stores/$1.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  setupFiles: ['<rootDir>/__tests__/setup/realm.ts', '<rootDir>/__tests__/setup/provider-notices.ts'],
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/build'],
}
