import express, { type Request, type Response, Router } from 'express'
import { allowFormTarget } from 'express-fapi'
import type Provider from 'oidc-provider'
import { errors } from 'oidc-provider'
import { attestedAcr } from './acr.js'
import { chosenAccounts, findGrant, recordConsent, texts } from './consents.js'
import { refuseForeignForms, value, values } from './forms.js'
import { consentPage, loginPage } from './pages.js'
import { CONSENT_DAYS } from './provider.js'
import { permissionsOf } from './scopes.js'
import type { User, Users } from './users.js'

type Interaction = Awaited<ReturnType<Provider['interactionDetails']>>

/** What a form is shown again with. */
interface Attempt {
  readonly problem?: string
  readonly login?: string
}

/** The login and consent pages and the forms they post. The provider's cookie says whose interaction it is. */
export function interactions(provider: Provider, users: Users): Router {
  const router = Router()
  // Bodies are read here and nowhere else: in front of the provider nobody may.
  const form = [refuseForeignForms, express.urlencoded({ extended: false, limit: '10kb' })]
  router.get('/interaction/:uid', showPage)
  router.post('/interaction/:uid/login', form, signIn)
  router.post('/interaction/:uid/consent', form, decide)
  return router

  async function showPage(req: Request, res: Response): Promise<void> {
    await show(res, await current(req, res))
  }

  async function signIn(req: Request, res: Response): Promise<void> {
    const interaction = await current(req, res)
    if (interaction.prompt.name !== 'login') return res.redirect(303, pathOf(interaction))
    if (value(req, 'decision') === 'deny') return deny(req, res)
    const login = value(req, 'login').trim()
    const user = await users.verify(login, value(req, 'password'))
    if (!user) return show(res.status(400), interaction, { login, problem: 'The user name or the password is not right.' })
    const acr = attestedAcr(interaction)
    const result = acr
      ? { login: { accountId: user.login, amr: ['pwd'], acr } }
      : { error: 'unmet_authentication_requirements', error_description: 'this bank cannot attest the acr that is asked for' }
    await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false })
  }

  async function decide(req: Request, res: Response): Promise<void> {
    const interaction = await current(req, res)
    if (interaction.prompt.name !== 'consent') return res.redirect(303, pathOf(interaction))
    const decision = value(req, 'decision')
    if (decision === 'deny') return deny(req, res)
    if (decision !== 'approve') return show(res.status(400), interaction, { problem: 'Allow access, or do not.' })

    const user = userOf(interaction)
    const own = user.accounts.map(({ id }) => id)
    const chosen = asksForAccounts(interaction) ? values(req, 'accounts') : []
    if (!chosen.every((id) => own.includes(id)) || (asksForAccounts(interaction) && chosen.length === 0)) {
      return show(res.status(400), interaction, { problem: 'Choose at least one of your accounts, or do not allow access.' })
    }
    const grantId = await recordConsent(provider, interaction, user.login, chosen)
    await provider.interactionFinished(req, res, { consent: { grantId } }, { mergeWithLastSubmission: true })
  }

  async function deny(req: Request, res: Response): Promise<void> {
    const result = { error: 'access_denied', error_description: 'the user did not allow access' }
    await provider.interactionFinished(req, res, result, { mergeWithLastSubmission: false })
  }

  /** The interaction of this browser. Throws when it is over, or another one than the address says. */
  async function current(req: Request, res: Response): Promise<Interaction> {
    const interaction = await provider.interactionDetails(req, res)
    if (interaction.uid !== req.params.uid) throw new errors.SessionNotFound('interaction session and address mismatch')
    return interaction
  }

  async function show(res: Response, interaction: Interaction, { problem, login }: Attempt = {}): Promise<void> {
    const { client_id, redirect_uri } = interaction.params
    const client = await provider.Client.find(String(client_id))
    if (!client) throw new errors.SessionNotFound('the client is gone')
    const target = String(redirect_uri)
    allowFormTarget(res, target)
    // With the no-referrer of the other pages, browsers would send `Origin: null` with the form.
    res.set({ 'cache-control': 'no-store', 'referrer-policy': 'same-origin' })
    const common = { clientName: client.clientName ?? client.clientId, problem }
    if (interaction.prompt.name === 'login') {
      res.send(loginPage({ ...common, action: `${pathOf(interaction)}/login`, login, knownLogins: users.logins }))
      return
    }
    const user = userOf(interaction)
    res.send(
      consentPage({
        ...common,
        action: `${pathOf(interaction)}/consent`,
        clientHost: new URL(target).host,
        userName: `${user.given_name} ${user.family_name}`,
        permissions: permissionsOf(scopesOf(interaction), texts(interaction.prompt.details.missingOIDCClaims)),
        accounts: asksForAccounts(interaction) ? user.accounts : undefined,
        chosen: chosenAccounts(await findGrant(provider, interaction)),
        days: CONSENT_DAYS,
      }),
    )
  }

  function userOf({ session }: Interaction): User {
    const user = session && users.find(session.accountId)
    if (!user) throw new errors.SessionNotFound('nobody is signed in')
    return user
  }
}

const pathOf = ({ uid }: Interaction) => `/interaction/${uid}`
const scopesOf = ({ params }: Interaction) => (typeof params.scope === 'string' ? params.scope.split(' ') : [])
const asksForAccounts = (interaction: Interaction) => scopesOf(interaction).includes('accounts')
