import { askForToken, manage, walkAs } from './registered-client.js'
import { clientIn, harvestOf, insistOn, type Life, managementToken, read, type Step } from './registered-life.js'
import { inShort } from './registering.js'
import { said } from './requests.js'
import { accountsWithCertificate } from './target.js'

/** What the token endpoint says to a client that it serves: nobody ever had that code. */
const SERVED = '400 invalid_grant'
const NOT_SERVED = '401 invalid_client'

async function walkAgain(life: Life): Promise<string> {
  const harvest = await walkAs(life.scene, clientIn(life))
  await life.harvest?.party.close()
  life.harvest = harvest
  return `${harvest.accounts.length} accounts read and read again after a refresh, token bound to a ${harvest.binding}`
}

export const FLOW: Pick<Step, 'run'> = { run: walkAgain }

/** Asks for a token and, where no proof of possession is needed but the certificate, uses the last one. */
async function insistOnService(life: Life, isServed: boolean): Promise<void> {
  const { party, accessToken } = harvestOf(life)
  const { ways, target } = life.scene
  const answer = await askForToken(life.scene, party)
  if (answer !== (isServed ? SERVED : NOT_SERVED)) throw new Error(`the token endpoint answered ${answer}`)
  if (ways.flow.dpop) return
  const seen = await said(await party.send(accountsWithCertificate(target), { headers: { authorization: `Bearer ${accessToken}` } }))
  if (seen !== (isServed ? '200' : '401 invalid_token')) throw new Error(`the API answered ${seen}`)
}

export const SUSPENSION: Step = {
  title: 'is suspended',
  clause: 'RFC7591-5',
  async run(life) {
    const token = await managementToken(life)
    await insistOnService(life, true)
    const who = await suspend(life)
    await insistOnService(life, false)
    // An access token is no good any more; a registration access token is, for being told why.
    const managed = await read(life, token)
    insistOn(managed, typeof life.scene.ways.recovery === 'object' ? '401 invalid_token' : '403 access_denied')
    return `by ${who}: ${NOT_SERVED} at the token endpoint, ${inShort(managed)} at its registration`
  },
}

export const RESUMPTION: Step = {
  title: 'is served again',
  clause: 'RFC7591-5',
  async run(life) {
    await resume(life)
    await insistOnService(life, true)
    return walkAgain(life)
  },
}

/** Where the directory publishes standings, it is asked for them; elsewhere the operator of the bank decides. */
async function suspend(life: Life): Promise<string> {
  const { bank, directory, software } = life.scene
  const { id } = clientIn(life)
  if (directory.statusUrl === undefined) {
    await bank.registration.suspend(id, 'its operator does not answer')
    return 'the bank, as there is no list of standings'
  }
  const before = await bank.registration.maintain()
  directory.setStanding(software.id, 'INACTIVE')
  const after = await bank.registration.maintain()
  if (before.suspended.length > 0 || !after.suspended.includes(id))
    throw new Error(`suspended: ${before.suspended}, then ${after.suspended}`)
  return 'the directory, which says INACTIVE'
}

async function resume(life: Life): Promise<void> {
  const { bank, directory, software } = life.scene
  const { id } = clientIn(life)
  if (directory.statusUrl === undefined) return void (await bank.registration.resume(id))
  directory.setStanding(software.id, 'ACTIVE')
  const { resumed } = await bank.registration.maintain()
  if (!resumed.includes(id)) throw new Error(`resumed: ${resumed}`)
}

export const DELETION: Step = {
  title: 'is deleted',
  clause: 'RFC7592-2.3',
  async run(life) {
    const token = await managementToken(life)
    insistOn(await manage(life.scene, 'DELETE', clientIn(life), { token }), '204')
    insistOn(await read(life, token), '401 invalid_token')
    return '204, and nobody finds its registration any more'
  },
}

export const AFTERWARDS: Step = {
  title: 'refused: a token for the client that was deleted',
  clause: 'RFC7592-2.3',
  async run(life) {
    await insistOnService(life, false)
    return NOT_SERVED
  },
}
