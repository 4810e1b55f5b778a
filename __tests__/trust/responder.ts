import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { OctetString } from 'asn1js'
import { BasicOCSPResponse, Certificate, OCSPResponse, ResponseBytes, type ResponseData, type SingleResponse } from 'pkijs'
import type { Party } from './pki.js'

/** What openssl knows and signs with. */
export interface Registry {
  readonly authority: Party
  /** Who signs; the authority itself where nobody else does. */
  readonly signer?: Party
  readonly issued: readonly Party[]
  readonly revoked?: readonly Party[]
  /** More of `openssl ocsp`, such as `-ndays 1`, without which an answer does not say until when it holds. */
  readonly flags?: readonly string[]
}

let made = 0

/** The arguments of `openssl ocsp` for a registry, its files in the folder. */
function argumentsFor(
  folder: string,
  { authority, signer = authority, issued, revoked = [], flags = ['-ndays', '1'] }: Registry,
): string[] {
  made += 1
  const file = (name: string, content: string) => {
    const path = join(folder, `${made}-${name}`)
    writeFileSync(path, content)
    return path
  }
  const row = ({ certificate, name }: Party) =>
    revoked.some((one) => one.certificate === certificate)
      ? `R\t400101000000Z\t260102030405Z,keyCompromise\t${certificate.serialNumber}\tunknown\t/${name}\n`
      : `V\t400101000000Z\t\t${certificate.serialNumber}\tunknown\t/${name}\n`
  const index = file('index.txt', issued.map(row).join(''))
  file('index.txt.attr', 'unique_subject = no\n')
  const [ca, certificate, key] = [file('ca.pem', authority.pem), file('signer.pem', signer.pem), file('signer.key', signer.key)]
  return ['ocsp', '-index', index, '-CA', ca, '-rsigner', certificate, '-rkey', key, ...flags]
}

/** Starts the responder of openssl and waits until it listens. */
export async function startOpenssl(
  folder: string,
  registry: Registry,
): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const child = spawn('openssl', [...argumentsFor(folder, registry), '-port', '0'], { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  const port = await new Promise<string>((resolve, reject) => {
    const listen = (chunk: unknown) => {
      said += String(chunk)
      const [, found] = /ACCEPT .*:(\d+)/.exec(said) ?? []
      if (found) resolve(found)
    }
    child.stdout.on('data', listen)
    child.stderr.on('data', listen)
    child.once('exit', () => reject(new Error(`openssl ocsp ended: ${said}`)))
  })
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill()
    await ended
  }
  return { url: `http://127.0.0.1:${port}`, stop }
}

/** The answer of openssl to one request, in DER. */
export async function answerOf(folder: string, registry: Registry, request: Uint8Array): Promise<Buffer> {
  made += 1
  const path = join(folder, `${made}.req`)
  writeFileSync(path, request)
  const given = [...argumentsFor(folder, registry), '-reqin', path, '-respout', '-']
  const { stdout } = await promisify(execFile)('openssl', given, { encoding: 'buffer' })
  return stdout
}

/** The request of openssl about a certificate, in DER; without a nonce. */
export async function questionAbout(folder: string, authority: Party, party: Party): Promise<Buffer> {
  made += 1
  const [issuer, subject] = [join(folder, `${made}-issuer.pem`), join(folder, `${made}-subject.pem`)]
  writeFileSync(issuer, authority.pem)
  writeFileSync(subject, party.pem)
  const given = ['ocsp', '-issuer', issuer, '-cert', subject, '-no_nonce', '-reqout', '-']
  const { stdout } = await promisify(execFile)('openssl', given, { encoding: 'buffer' })
  return stdout
}

/** An answer with something in it changed, signed again by the authority. */
export async function resigned({ keys, certificate }: Party, answer: Uint8Array, change: (data: ResponseData) => void): Promise<Buffer> {
  const whole = OCSPResponse.fromBER(new Uint8Array(answer))
  const basic = basicOf(whole)
  change(basic.tbsResponseData)
  basic.tbsResponseData.responderID = Certificate.fromBER(new Uint8Array(certificate.raw)).subject
  await basic.sign(keys.privateKey, 'SHA-256')
  const response = new OctetString({ valueHex: basic.toSchema().toBER() })
  whole.responseBytes = new ResponseBytes({ responseType: '1.3.6.1.5.5.7.48.1.1', response })
  return Buffer.from(whole.toSchema().toBER())
}

/** What an answer says, one certificate after the other. */
export const responsesOf = (answer: Uint8Array): readonly SingleResponse[] =>
  basicOf(OCSPResponse.fromBER(new Uint8Array(answer))).tbsResponseData.responses

const basicOf = ({ responseBytes }: OCSPResponse) =>
  BasicOCSPResponse.fromBER(new Uint8Array(responseBytes?.response.valueBlock.valueHexView ?? new Uint8Array()))

export type Behaviour = (request: Buffer, response: ServerResponse) => Uint8Array | undefined | Promise<Uint8Array | undefined>

/** A responder that does as it is told; what it returns is its answer, unless it answered by itself. */
export async function startResponder(behaviour: Behaviour) {
  const seen: { readonly method: string | undefined; readonly type: string | undefined; readonly connection: string | undefined }[] = []
  const server = createServer(async (req, res) => {
    const chunks: Buffer[] = []
    for await (const chunk of req) chunks.push(chunk)
    seen.push({ method: req.method, type: req.headers['content-type'], connection: req.headers.connection })
    const answer = await behaviour(Buffer.concat(chunks), res)
    if (answer) res.setHeader('content-type', 'application/ocsp-response').end(answer)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  const host = `127.0.0.1:${typeof address === 'object' ? address?.port : 0}`
  const stop = async () => {
    server.closeAllConnections()
    await once(server.close(), 'close')
  }
  return { host, url: `http://${host}`, seen, stop }
}
