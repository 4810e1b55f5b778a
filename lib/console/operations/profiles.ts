import { type Profile, rulesOf } from '../../core/profile.js'
import { profileGiven } from '../given.js'
import { defineOperation } from '../operation.js'
import { type ProfileSummary, type ProfileView, profileSummaryOf, profileViewOf } from '../profile-view.js'
import { type WaiverView, waiverViewOf } from '../waiver-view.js'

export const listProfiles = defineOperation<{ readonly items: readonly ProfileSummary[] }>({
  name: 'listProfiles',
  method: 'GET',
  path: '/profiles',
  role: 'viewer',
  summary: 'Lists the profiles of the policy, and how their clauses are settled.',
  answer: 'The profiles.',
  async handle({ registration: { terms } }) {
    return { items: terms.policy.profiles.map((profile) => profileSummaryOf(terms.policy, profile)) }
  },
})

export const readProfile = defineOperation<ProfileView>({
  name: 'readProfile',
  method: 'GET',
  path: '/profiles/{name}',
  role: 'viewer',
  summary: 'Reads a profile clause by clause: the rules that check it, or who settles it.',
  answer: 'The profile.',
  async handle({ registration: { terms } }, { path }) {
    return profileViewOf(terms.policy, profileGiven(terms, path.name))
  },
})

const profilesWith = (profiles: readonly Profile[], id: string) =>
  profiles.filter((profile) => rulesOf(profile).some(([, rule]) => rule.id === id)).map(({ name }) => name)

export const listWaivers = defineOperation<{ readonly items: readonly WaiverView[] }>({
  name: 'listWaivers',
  method: 'GET',
  path: '/waivers',
  role: 'viewer',
  summary: 'Lists the rules that are recorded and not enforced, why, and until when; those that end first come first.',
  answer: 'The waivers of the policy. They are set in its options, and nowhere else.',
  async handle({ registration: { terms } }) {
    const now = Date.now() / 1000
    const { waivers, profiles } = terms.policy
    const items = Object.entries(waivers).map(([rule, waiver]) => waiverViewOf(rule, waiver, profilesWith(profiles, rule), now))
    const endOf = ({ until }: WaiverView) => until ?? '9999-12-31'
    return { items: items.sort((a, b) => endOf(a).localeCompare(endOf(b)) || a.rule.localeCompare(b.rule)) }
  },
})
