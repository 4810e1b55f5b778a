import { manage, recoverByCertificate, recoverByStatement, update } from './registered-client.js'
import { clientIn, harvestOf, insistOn, managementToken, read, type Step } from './registered-life.js'
import { inShort, statementFor } from './registering.js'
import { REFUSED_UPDATES } from './registration-refusals.js'

/** RFC 7592 §2.2: what only the server says must not come back to it. */
const OF_THE_SERVER = ['registration_access_token', 'registration_client_uri', 'client_id_issued_at', 'client_secret_expires_at']

/** Whoever updates reads first what there is, and sends it all: what is left out is gone. */
export const ROUND_TRIP: Step = {
  title: 'reads its registration and sends it back as it is',
  clause: 'RFC7592-2.2',
  async run(life) {
    const before = await read(life)
    insistOn(before, '200')
    const sent = Object.fromEntries(
      Object.entries(before.json).filter(([name]) => ![...OF_THE_SERVER, 'software_statement'].includes(name)),
    )
    insistOn(await update(life.scene, clientIn(life), { token: await managementToken(life), metadata: sent }), '200')
    const { json } = await read(life)
    const fields = Object.keys(sent).filter((name) => name !== 'metadata_set_by_server')
    const changed = fields.filter((name) => JSON.stringify(json[name]) !== JSON.stringify(sent[name]))
    if (changed.length > 0) throw new Error(`${changed.join(', ')} changed`)
    return `${fields.length} fields, and none of them changed`
  },
}

export const UPDATE: Step = {
  title: 'updates its registration',
  clause: 'RFC7592-2.2',
  async run(life) {
    const { scene } = life
    const change = scene.ways.change(scene.software)
    insistOn(await update(scene, clientIn(life), { token: await managementToken(life), metadata: change }), '200')
    const { json } = await read(life)
    for (const [name, value] of Object.entries(change))
      if (JSON.stringify(json[name]) !== JSON.stringify(value)) throw new Error(`${name} is ${JSON.stringify(json[name])}`)
    return `${Object.keys(change).join(', ')} changed`
  },
}

export const REFUSED_UPDATE: Step = {
  title: 'refused: an update that breaks the rules, and nothing of it is kept',
  clause: 'RFC7592-2.2',
  async run(life) {
    const { scene } = life
    const { title, answer, because, draft } = REFUSED_UPDATES[scene.ways.name]
    const before = await read(life)
    const got = await update(scene, clientIn(life), { token: await managementToken(life), ...(await draft(life)) })
    insistOn(got, answer, because)
    if (JSON.stringify((await read(life)).json) !== JSON.stringify(before.json)) throw new Error('the registration has changed')
    return `${inShort(got)}: ${title}`
  },
}

export const STRANGER: Step = {
  title: 'refused: a stranger who makes a token up',
  clause: 'RFC7592-2',
  async run(life) {
    const { scene } = life
    const got = await manage(scene, 'GET', clientIn(life), { certificate: scene.stranger.identity, token: 'made-up' })
    insistOn(got, '401 invalid_token')
    if (Object.keys(got.json).some((name) => !name.startsWith('error'))) throw new Error('the refusal tells of the client')
    return inShort(got)
  },
}

/** The registration access token is lost; what is known of the client is good for another one. */
export const RECOVERY: Step = {
  title: 'loses its registration access token and gets a new one',
  clause: 'RFC7592-3',
  async run(life) {
    const { scene, token: lost } = life
    const client = clientIn(life)
    const isByStatement = scene.ways.recovery === 'statement'
    const stranger = { ...scene, software: scene.stranger }
    const ask = async (who: typeof scene) =>
      isByStatement ? recoverByStatement(who, client, await statementFor(scene)) : recoverByCertificate(who, client)
    insistOn(await ask(stranger), '403 access_denied')
    if (isByStatement) insistOn(await recoverByStatement(scene, client, await statementFor(stranger)), '403 access_denied')
    const answer = await ask(scene)
    insistOn(answer, '200')
    life.token = String(answer.json.registration_access_token)
    insistOn(await read(life, lost), '401 invalid_token')
    insistOn(await read(life), '200')
    return `for ${isByStatement ? 'a fresh statement and its key' : 'its certificate'}; the lost one is no good any more, and a stranger gets none`
  },
}

/** Where clients are managed with access tokens, there is no registration access token to lose. */
export const ACCESS_TOKEN: Step = {
  title: 'has nothing to lose: an access token of its own manages its registration',
  clause: 'RFC6749-4.4',
  async run(life) {
    const { scene, token } = life
    const client = clientIn(life)
    if (token !== undefined) throw new Error('it has a registration access token')
    const own = await managementToken(life)
    insistOn(await read(life, own), '200')
    insistOn(await manage(scene, 'GET', client, { token: own, certificate: scene.stranger.identity }), '401 invalid_token')
    insistOn(await read(life, harvestOf(life).accessToken), '403 insufficient_scope')
    insistOn(await recoverByCertificate(scene, client), '400 invalid_request')
    return 'not with another certificate, and not with the access token for accounts'
  },
}
