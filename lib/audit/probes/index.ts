import type { Probe } from '../probe.js'
import { authenticationProbes } from './authentication.js'
import { authorizationProbes, directProbes } from './authorizations.js'
import { requestProbes } from './requests.js'
import { proofProbes, tokenProbes, unboundToken } from './tokens.js'

/** All that is tried with a compliant client. */
export const probes: readonly Probe[] = [...authenticationProbes, ...requestProbes, ...authorizationProbes, ...tokenProbes, ...proofProbes]

const isAboutAlgorithm = ({ name }: Probe) => name.endsWith('rs256')

/** What is tried with a client that registered neither how it asks nor what its tokens are bound to: a server must hold it to the profile all the same. */
export const probesOfUnheld: readonly Probe[] = [
  ...authenticationProbes.filter(isAboutAlgorithm),
  ...requestProbes.filter(isAboutAlgorithm),
  ...directProbes,
  unboundToken,
].map((probe) => ({ ...probe, name: `${probe.name}-by-default`, title: `${probe.title}, by a client that registered nothing about it` }))
