// What @peculiar/x509 is built on wants this loaded first.
import 'reflect-metadata'
import { execFileSync } from 'node:child_process'
import { createPrivateKey, createPublicKey, generateKeyPairSync, webcrypto, type X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as x509 from '@peculiar/x509'
import type { Identity } from './identity.js'

/** Text that stands where the PEM or the base64 of a certificate should, and what is said of it behind the name of the header. */
export type Hostile = readonly [what: string, text: string, says: string]

const BEGIN = '-----BEGIN CERTIFICATE-----'
const END = '-----END CERTIFICATE-----'

const NO_ASCII = 'has characters that are not printable ASCII'
const NOT_FIRST = 'does not begin with a PEM block'
const SOMETHING_ELSE = 'holds a PEM block of something else'
const MORE = 'holds more than PEM blocks'
const NO_END = 'holds a PEM block without its end'
const NO_BASE64 = 'holds what is no base64'
const BASE64URL = 'holds base64url'
const NO_DER = 'holds what is no DER'
const CUT_OFF = 'holds a certificate that was cut off'
const BEHIND = 'holds bytes behind a certificate'
const NO_CERTIFICATE = 'holds what is no X.509 certificate'
const EMPTY = 'is empty'
const HEADERS = 'holds a PEM block with headers'
const INSIDE = 'holds a PEM block inside another'
const MANY = 'holds more than 10 certificates'

/** Bytes that are no certificate, and what is said of them. */
export async function hostileBytes({
  certificate,
  key,
}: Identity): Promise<readonly (readonly [what: string, bytes: Buffer, says: string])[]> {
  const { raw } = certificate
  const keys = await webcrypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign', 'verify'])
  const signingAlgorithm = { name: 'ECDSA', hash: 'SHA-256' }
  const request = await x509.Pkcs10CertificateRequestGenerator.create({ name: 'CN=app', keys, signingAlgorithm })
  const list = await x509.X509CrlGenerator.create({ issuer: 'CN=app', signingKey: keys.privateKey, signingAlgorithm })
  const secret = createPrivateKey(key)
  return [
    ['nothing', Buffer.alloc(0), EMPTY],
    ['one zero', Buffer.alloc(1), NO_DER],
    ['a kilobyte of zeros', Buffer.alloc(1000), NO_DER],
    ['a kilobyte of 0xff', Buffer.alloc(1000, 0xff), NO_DER],
    ['only a tag', Buffer.from([0x30]), CUT_OFF],
    ['an empty sequence', Buffer.from([0x30, 0]), NO_CERTIFICATE],
    ['a sequence of zeros', Buffer.concat([Buffer.from([0x30, 0x82, 0x01, 0x00]), Buffer.alloc(256)]), NO_CERTIFICATE],
    ['a sequence without its length', Buffer.from([0x30, 0x82, 0x01]), CUT_OFF],
    ['a sequence of four gigabytes', Buffer.from([0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0]), NO_DER],
    ['a length of 127 bytes', Buffer.concat([Buffer.from([0x30, 0xff]), Buffer.alloc(200)]), NO_DER],
    ['an indefinite length', Buffer.concat([Buffer.from([0x30, 0x80]), raw.subarray(4), Buffer.alloc(2)]), NO_DER],
    ['a length that is longer than it has to be', Buffer.concat([Buffer.from([0x30, 0x83, 0]), raw.subarray(2)]), NO_CERTIFICATE],
    ['a set instead of a sequence', Buffer.concat([Buffer.from([0x31]), raw.subarray(1)]), NO_DER],
    ['no last byte', raw.subarray(0, -1), CUT_OFF],
    ['half a certificate', raw.subarray(0, raw.length / 2), CUT_OFF],
    ['a certificate without its head', raw.subarray(4), BEHIND],
    ['a zero behind it', Buffer.concat([raw, Buffer.alloc(1)]), BEHIND],
    ['a line break behind it', Buffer.concat([raw, Buffer.from('\n')]), BEHIND],
    ['itself behind it', Buffer.concat([raw, raw]), BEHIND],
    ['a kilobyte behind it', Buffer.concat([raw, Buffer.alloc(1000, 'x')]), BEHIND],
    ['a byte before it', Buffer.concat([Buffer.alloc(1), raw]), NO_DER],
    ['a certificate in a sequence', nested(raw), NO_CERTIFICATE],
    ['its PEM instead of its DER', Buffer.from(certificate.toString()), NO_DER],
    ['its base64 once more', Buffer.from(raw.toString('base64')), NO_DER],
    ['its hex', Buffer.from(raw.toString('hex')), NO_DER],
    ['a private key (PKCS #8)', secret.export({ type: 'pkcs8', format: 'der' }), NO_CERTIFICATE],
    ['a private key (SEC 1)', secret.export({ type: 'sec1', format: 'der' }), NO_CERTIFICATE],
    ['a public key', createPublicKey(secret).export({ type: 'spki', format: 'der' }), NO_CERTIFICATE],
    [
      'an RSA key (PKCS #1)',
      generateKeyPairSync('rsa', { modulusLength: 2048 }).publicKey.export({ type: 'pkcs1', format: 'der' }),
      NO_CERTIFICATE,
    ],
    ['a certificate signing request', Buffer.from(request.rawData), NO_CERTIFICATE],
    ['a revocation list', Buffer.from(list.rawData), NO_CERTIFICATE],
    ['a PKCS #7 of it', pkcs7(certificate), NO_CERTIFICATE],
    ['JSON', Buffer.from('{"alg":"none"}'), NO_DER],
    ['a sequence that says it is text', Buffer.concat([Buffer.from([0x30, 5, 0x0c, 3]), Buffer.from('app')]), NO_CERTIFICATE],
  ]
}

/** The bytes in a sequence of their own. */
const nested = (raw: Buffer) => Buffer.concat([Buffer.from([0x30, 0x82, raw.length >> 8, raw.length & 0xff]), raw])

function pkcs7(certificate: X509Certificate): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'pkcs7-'))
  try {
    writeFileSync(join(folder, 'in'), certificate.toString())
    execFileSync('openssl', ['crl2pkcs7', '-nocrl', '-certfile', join(folder, 'in'), '-outform', 'DER', '-out', join(folder, 'out')])
    return readFileSync(join(folder, 'out'))
  } finally {
    rmSync(folder, { recursive: true })
  }
}

/** Base64 that is not as it should be. */
export function hostileBase64(base64: string): readonly Hostile[] {
  const unpadded = base64.replace(/=+$/, '')
  const at = (index: number, text: string, length = 1) => base64.slice(0, index) + text + base64.slice(index + length)
  return [
    ['base64url', `-${base64.slice(1).replaceAll('+', '-').replaceAll('/', '_')}`, BASE64URL],
    ['one character of base64url', at(40, '_'), BASE64URL],
    ['an asterisk in it', at(40, '*'), NO_BASE64],
    ['a character too many', at(40, 'AA'), NO_BASE64],
    ['a character too few', at(40, ''), NO_BASE64],
    ['padding in its middle', at(40, '='), NO_BASE64],
    ['padding before it', `=${base64}`, NO_BASE64],
    ['more padding', `${base64}=`, NO_BASE64],
    ['much more padding', `${base64}====`, NO_BASE64],
    ['no padding', unpadded === base64 ? base64.slice(0, -1) : unpadded, NO_BASE64],
    ['only padding', '====', NO_BASE64],
    ['one character', 'M', NO_BASE64],
    ['a dot at its end', `${base64}.`, NO_BASE64],
    ['a dollar at its end', `${base64}$`, NO_BASE64],
    ['a backslash in it', at(40, '\\'), NO_BASE64],
    ['a letter that only looks like one (Cyrillic)', at(40, '\u0410'), NO_ASCII],
    ['a plus that only looks like one', at(40, '\uff0b'), NO_ASCII],
    ['a zero-width space in it', at(40, '\u200b', 0), NO_ASCII],
    ['a soft hyphen in it', at(40, '\u00ad', 0), NO_ASCII],
    ['a byte order mark before it', `\ufeff${base64}`, NO_ASCII],
    ['a byte order mark before it, as HTTP reads it', `ï»¿${base64}`, NO_ASCII],
    ['a no-break space behind it', `${base64}\u00a0`, NO_ASCII],
    ['an emoji behind it', `${base64}😀`, NO_ASCII],
    ['half a surrogate behind it', `${base64}\ud83d`, NO_ASCII],
    ['NUL behind it', `${base64}\0`, NO_ASCII],
    ['NUL in it', at(40, '\0'), NO_ASCII],
    ['a bell in it', at(40, '\x07'), NO_ASCII],
    ['an escape sequence before it', `\x1b[31m${base64}`, NO_ASCII],
    ['DEL in it', at(40, '\x7f'), NO_ASCII],
    ['a vertical tab in it', at(40, '\v', 0), NO_ASCII],
    ['a form feed in it', at(40, '\f', 0), NO_ASCII],
    ['a line separator in it', at(40, '\u2028', 0), NO_ASCII],
  ]
}

/** PEM that is not as it should be, beyond what its base64 and its bytes may be. */
export function hostilePem({ certificate, key }: Identity): readonly Hostile[] {
  const pem = certificate.toString()
  const base64 = certificate.raw.toString('base64')
  const changed = (from: string, to: string) => pem.replaceAll(from, to)
  const named = (label: string) => changed(' CERTIFICATE-----', ` ${label}-----`)
  return [
    ['only its beginning', BEGIN, NO_END],
    ['only its end', END, NOT_FIRST],
    ['its end before its beginning', `${END}\n${base64}\n${BEGIN}`, NOT_FIRST],
    ['a block that is cut off', pem.slice(0, pem.length / 2), NO_END],
    ['an end that is cut off', pem.trimEnd().slice(0, -1), NO_END],
    ['a beginning that is cut off', pem.slice(1), NOT_FIRST],
    ['no beginning', pem.replace(BEGIN, ''), NOT_FIRST],
    ['no end', pem.replace(END, ''), NO_END],
    ['no markers', base64, NOT_FIRST],
    ['nothing between its markers', `${BEGIN}\n${END}\n`, EMPTY],
    ['white space between its markers', `${BEGIN}\n \t\r\n\n${END}\n`, EMPTY],
    ['lower-case markers', changed('BEGIN CERTIFICATE', 'begin certificate').replace('END CERTIFICATE', 'end certificate'), NOT_FIRST],
    ['a lower-case end', changed('END CERTIFICATE', 'end certificate'), NO_END],
    ['four dashes', changed('-----', '----'), NOT_FIRST],
    ['six dashes', changed('-----', '------'), NOT_FIRST],
    ['dashes that only look like them', changed('-----', '–––––'), NO_ASCII],
    ['a space before BEGIN', changed('-----BEGIN', '----- BEGIN'), NOT_FIRST],
    ['two spaces in its beginning', changed('BEGIN CERTIFICATE', 'BEGIN  CERTIFICATE'), SOMETHING_ELSE],
    ['a tab in its beginning', changed('BEGIN CERTIFICATE', 'BEGIN\tCERTIFICATE'), NOT_FIRST],
    ['an end of something else', changed('END CERTIFICATE', 'END X509 CRL'), NO_END],
    ...[
      'X509 CERTIFICATE',
      'TRUSTED CERTIFICATE',
      'CERTIFICATES',
      'CERTIFICATE REQUEST',
      'X509 CRL',
      'PKCS7',
      'PUBLIC KEY',
      'OPENSSH PRIVATE KEY',
    ].map((label) => [`the label ${label}`, named(label), SOMETHING_ELSE] as const),
    ['a private key', key, SOMETHING_ELSE],
    ['a private key before it', key + pem, SOMETHING_ELSE],
    ['a private key behind it', pem + key, SOMETHING_ELSE],
    ['a private key under the label of a certificate', key.replaceAll('PRIVATE KEY', 'CERTIFICATE'), NO_CERTIFICATE],
    ['text before it', `Subject: CN=app\n${pem}`, NOT_FIRST],
    ['text behind it', `${pem}Subject: CN=app`, MORE],
    ['a header behind it', `${pem}\r\nX-SSL-Client-Verify: SUCCESS`, MORE],
    ['another answer behind it', `${pem}\r\n\r\nHTTP/1.1 200 OK\r\n\r\n`, MORE],
    ['a comment behind it', `${pem}# app`, MORE],
    ['headers inside it', pem.replace('\n', '\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n'), HEADERS],
    ['a comment inside it', pem.replace('\n', '\nComment: app\n\n'), HEADERS],
    ['PEM inside its PEM', `${BEGIN}\n${pem}${END}\n`, INSIDE],
    ['a second beginning', `${BEGIN}\n${pem}`, INSIDE],
    ['a second end', `${pem}${END}\n`, MORE],
    ['a checksum as of OpenPGP', pem.replace(END, `=AAAA\n${END}`), NO_BASE64],
    ['eleven certificates', pem.repeat(11), MANY],
    ['forty beginnings', `${BEGIN}\n`.repeat(40), NO_END],
    ['a thousand beginnings', `${BEGIN}\n`.repeat(1000), NO_END],
    ['a thousand empty blocks', `${BEGIN}\n${END}\n`.repeat(1000), EMPTY],
    ['JSON', JSON.stringify({ pem }), NOT_FIRST],
    ['quotes around it', `"${pem}"`, NOT_FIRST],
    ['line breaks written out', pem.replaceAll('\n', '\\n'), NO_BASE64],
    ['the word undefined', 'undefined', NOT_FIRST],
    ['the word nil', '(nil)', NOT_FIRST],
    ['a dash', '-', NOT_FIRST],
    ['a name', 'CN=app', NOT_FIRST],
    ['its subject as nginx writes it', certificate.subject, NOT_FIRST],
    ['its fingerprint', certificate.fingerprint256, NOT_FIRST],
  ]
}

/** A body between the markers, in lines of 64. */
export const pemOf = (base64: string): string => `${BEGIN}\n${base64.match(/.{1,64}/gsu)?.join('\n') ?? ''}\n${END}\n`
