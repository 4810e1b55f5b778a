export { ConfigurationError, type ConfigurationFault, OAUTH_ERRORS, type OAuthError } from './core/errors.js'
export { type Explainer, type ExplainerOptions, explainer, type SearchedJournal } from './core/explainer.js'
export { type ExplainedClause, type ExplainedViolation, type Explanation, explain } from './core/explanation.js'
export type * from './core/facts.js'
export { judge, type Violation } from './core/judge.js'
export { createPolicy, type Policy, type Refusal } from './core/policy.js'
export type { PolicyOptions } from './core/policy-options.js'
export { type Beyond, defineProfile, type Profile, rulesOf, type Settler, type Unchecked } from './core/profile.js'
export type { Judging, Recorder } from './core/recorder.js'
export { redacted } from './core/redacted.js'
export { type NamedRefusal, refusalNamed, refusals } from './core/refusals/index.js'
export { defineRule, type Rule } from './core/rule.js'
export type { Mode, Verdict } from './core/verdict.js'
export type { Waiver } from './core/waiver.js'
export { type Fapi, type FindClaims, type FoundToken, fapi } from './express/fapi.js'
export type { Endpoints, FapiOptions, FapiStore, IdTokenClaims } from './express/fapi-options.js'
export { interactionId } from './express/interaction-id.js'
export { allowFormTarget, securityHeaders } from './express/security-headers.js'
export { type Served, servedOf } from './express/served.js'
export { fapi1Advanced, fapi1Baseline, fapi2MessageSigning, fapi2Security, profileNamed, profiles } from './profiles/index.js'
export { type CertificateSource, thumbprint } from './readers/certificate.js'
export { CertificateError } from './readers/certificate-error.js'
export { fromProxy } from './readers/from-proxy.js'
export { fromTls } from './readers/from-tls.js'
export { type KeySource, keySet, localKeySet } from './readers/key-set.js'
export { KeySetError } from './readers/key-set-error.js'
export type { KeySetOptions, LocalKeySetOptions } from './readers/key-set-options.js'
export type { OwnProxy, ProxyKind, ProxyName, Says, Verified } from './readers/proxy-kinds.js'
export type { FromProxyOptions } from './readers/proxy-options.js'
export type { Application, Applications, Draft, Outlook } from './registration/applications.js'
export type { Duplicates, Ecosystem } from './registration/ecosystem.js'
export { auCdr, brOpenfinance, ecosystems, generic, ukObie } from './registration/ecosystems/index.js'
export type { RegisteredClients } from './registration/registered-clients.js'
export { type Registration, registration } from './registration/registration.js'
export { RegistrationError } from './registration/registration-error.js'
export type { RegistrationOptions } from './registration/registration-options.js'
export type { RegistrationRecord } from './registration/registration-record.js'
export type { Admission } from './resource/admission.js'
export { apiErrors } from './resource/api-errors.js'
export { type IntrospectionOptions, introspection } from './resource/introspection.js'
export type { Found, Issuer, TokenSource } from './resource/issuer.js'
export { protect } from './resource/protect.js'
export type { ProtectOptions } from './resource/protect-options.js'
export {
  type AcrDemand,
  type AuthorizationDetail,
  requireAcr,
  requireAuthorizationDetails,
  requireClaims,
  requireScope,
} from './resource/require.js'
export { type ResourceMetadataOptions, resourceMetadata, resourceMetadataUrl } from './resource/resource-metadata.js'
export * as rules from './rules/index.js'
export { createStore, type StoreOptions } from './stores/create-store.js'
export type { Driver, KeyedVersion, Row, VersionedRow } from './stores/driver.js'
export { type MemoryStoreOptions, memoryStore } from './stores/memory.js'
export { keyRing, type RingKey, type Seal } from './stores/seal.js'
export {
  type Journal,
  type JournalQuery,
  type OnceStore,
  type Outcome,
  outcomeOf,
  type Page,
  type Paging,
  type RecordStore,
  type Store,
  type StoredRecord,
  type Tally,
  type TallyBucket,
  type TallyQuery,
  type TallyRule,
} from './stores/store.js'
export { type EventLevel, type EventLogger, type FapiEvent, type LogEventsOptions, logEvents } from './telemetry/log-events.js'
