import type Provider from 'oidc-provider'
import { texts } from './consents.js'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** What a login here may attest (`acr`): the first, unless another one of them is asked for. */
export const ACR_VALUES = ['urn:mace:incommon:iap:silver', 'urn:openbanking:psd2:sca'] as const

/** The `acr` of a login: the first wish this bank can fulfil; `undefined` when the client insists on others. */
export function attestedAcr({ prompt, params }: Interaction): string | undefined {
  const insisted = wishes(prompt.details.acr)
  const wanted = insisted.length > 0 ? insisted : String(params.acr_values ?? '').split(' ')
  const found = wanted.find((wish) => ACR_VALUES.some((acr) => acr === wish))
  return found ?? (insisted.length > 0 ? undefined : ACR_VALUES[0])
}

/** The `value` or `values` of an `acr` claim requested as essential (OpenID Connect Core §5.5.1.1). */
function wishes(claim: unknown): string[] {
  if (typeof claim !== 'object' || claim === null) return []
  return [...('value' in claim ? texts([claim.value]) : []), ...('values' in claim ? texts(claim.values) : [])]
}
