import { createPolicy, type Policy, profileNamed, profiles, type Recorder } from 'express-fapi'
import { DEFAULT_PROFILE } from './clients.js'

export interface PolicyOptions {
  /** The clients outside all profiles; nobody becomes one of them by registering. */
  readonly outside: ReadonlySet<string>
  readonly record: Recorder | readonly Recorder[]
  /** Whether clients that have authenticated are told what to do about a refusal. */
  readonly sandbox?: boolean
}

/** Holds every client to the profile it has registered, and to the FAPI 2.0 Security Profile when it has registered none. */
export function bankPolicy({ outside, record, sandbox = false }: PolicyOptions): Policy {
  return createPolicy({
    profiles,
    choose: ({ client_id, fapi_profile = DEFAULT_PROFILE }) => (outside.has(client_id) ? undefined : profileNamed(fapi_profile)),
    record,
    sandbox,
  })
}
