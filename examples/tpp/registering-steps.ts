import type { Refusal } from './refusal.js'
import { keepClient, manage } from './registered-client.js'
import { insistOn, type Step } from './registered-life.js'
import { inShort, register, statementFor } from './registering.js'

/** A request to register that is refused as it should be. */
export const refused = ({ title, clause, answer, because, draft }: Refusal): Step => ({
  title: `refused: ${title}`,
  clause,
  async run(life) {
    const got = await register(life.scene, await draft(life))
    insistOn(got, answer, because)
    return inShort(got)
  },
})

/** The honest request; from here on the third party is a client. */
export const REGISTRATION: Step = {
  title: 'registers with a software statement',
  clause: 'RFC7591-3.2.1',
  async run(life) {
    const { scene } = life
    life.statement = await statementFor(scene)
    const client = keepClient(scene, await register(scene, { statement: life.statement }))
    if (client.metadata.software_statement !== life.statement) throw new Error('the statement did not come back as it was')
    Object.assign(life, { client, token: client.token })
    const { metadata_set_by_server: set } = client.metadata
    return `as ${client.id.slice(0, 8)}…; the bank set ${Object.keys(Object(set)).length} more fields, and says which`
  },
}

/** RFC 7591 §2.3: the statement counts more than the request, and any number of clients may come with it. */
export const SECOND_CLIENT: Step = {
  title: 'registers a second client, with a redirect URI of its own: that of the statement counts',
  clause: 'RFC7591-2.3',
  async run({ scene }) {
    const redirect_uris = ['https://elsewhere.example/cb']
    const { metadata, uri, token = '' } = keepClient(scene, await register(scene, { metadata: { redirect_uris } }))
    const [first] = scene.software.redirectUris
    if (JSON.stringify(metadata.redirect_uris) !== JSON.stringify([first])) throw new Error(`redirect_uris: ${metadata.redirect_uris}`)
    insistOn(await manage(scene, 'DELETE', { uri }, { token }), '204')
    return `${first}, and the client has gone again`
  },
}
