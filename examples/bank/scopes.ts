/** The scopes there are. */
export const SCOPES = ['openid', 'profile', 'accounts', 'offline_access'] as const

/** The claims each scope stands for. */
export const CLAIMS = { profile: ['name', 'given_name', 'family_name'] }

const WORDS: Readonly<Record<string, string>> = {
  openid: 'Recognise you when you come back',
  profile: 'See your name',
  accounts: 'See the names, numbers and balances of the accounts you choose',
  offline_access: 'Keep this access while you are away',
}

/** What scopes and single claims let a client do, in words. */
export function permissionsOf(scopes: readonly string[], claims: readonly string[]): string[] {
  const covered = scopes.includes('profile') ? CLAIMS.profile : []
  const single = claims.filter((claim) => !covered.includes(claim))
  return [...scopes.flatMap((scope) => WORDS[scope] ?? []), ...single.map((claim) => `See your ${claim.replaceAll('_', ' ')}`)]
}
