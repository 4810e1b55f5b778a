import { execFileSync } from 'node:child_process'
import { X509Certificate } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { outcome } from './pki.js'

const folder = mkdtempSync(join(tmpdir(), 'ecosystems-'))
afterAll(() => rmSync(folder, { recursive: true }))
const openssl = (...given: string[]) => execFileSync('openssl', given, { cwd: folder, stdio: 'pipe' })
const write = (name: string, lines: readonly string[]) => writeFileSync(join(folder, name), `${lines.join('\n')}\n`)
const read = (name: string) => new X509Certificate(readFileSync(join(folder, name)))

/** What `openssl` is to put into a subject. */
const request = (name: string, subject: readonly string[]) => {
  write(`${name}.cnf`, ['[req]', 'prompt=no', 'utf8=yes', 'distinguished_name=dn', '[dn]', ...subject])
  openssl(
    'req',
    '-new',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-utf8',
    '-keyout',
    `${name}.key`,
    '-config',
    `${name}.cnf`,
    '-out',
    `${name}.csr`,
  )
}

function sign(name: string, by: string, extensions: readonly string[]) {
  write(`${name}.ext`, extensions)
  openssl(
    'x509',
    '-req',
    '-in',
    `${name}.csr`,
    '-CA',
    `${by}.pem`,
    '-CAkey',
    `${by}.key`,
    '-CAcreateserial',
    '-days',
    '2',
    '-sha256',
    '-extfile',
    `${name}.ext`,
    '-out',
    `${name}.pem`,
  )
  return { certificate: read(`${name}.pem`) }
}

const CA = ['basicConstraints=critical,CA:true', 'keyUsage=critical,keyCertSign,cRLSign', 'subjectKeyIdentifier=hash']

request('root', ['C=BR', 'O=ICP-Brasil', 'CN=Autoridade Certificadora Raiz Brasileira v10'])
write('root.ext', CA)
openssl('x509', '-req', '-in', 'root.csr', '-signkey', 'root.key', '-days', '2', '-sha512', '-extfile', 'root.ext', '-out', 'root.pem')
request('middle', ['C=BR', 'O=ICP-Brasil', 'OU=Secretaria da Receita Federal do Brasil', 'CN=AC SERPRO SSLv1'])
const middle = sign('middle', 'root', [
  ...CA.with(0, 'basicConstraints=critical,CA:true,pathlen:0'),
  'authorityKeyIdentifier=keyid,issuer:always',
  'certificatePolicies=2.16.76.1.2.1.10,@own',
  'crlDistributionPoints=URI:http://acraiz.icpbrasil.gov.br/LCRacraizv10.crl',
  '[own]',
  'policyIdentifier=2.16.76.1.2.301.11',
  'CPS.1=http://acraiz.icpbrasil.gov.br/DPCacraiz.pdf',
  'userNotice.1=@notice',
  '[notice]',
  'explicitText=UTF8:Política',
])

test('a client of Open Finance Brasil', () => {
  request('brazil', [
    'C=BR',
    'ST=SP',
    'L=São Paulo',
    'O=Banco de Exemplo S.A.',
    'OU=497e1ffe-b2a2-4a4a-8c1b-5a0a1f7e1234',
    'CN=app.banco.example',
    'serialNumber=43142666000197',
    'businessCategory=Private Organization',
    'jurisdictionC=BR',
    'UID=c1d1e1f1-0000-4000-8000-000000000001',
    'organizationIdentifier=OFBBR-d7384bd0-842f-43c5-be02-9d2b2d5efc2c',
  ])
  const app = sign('brazil', 'middle', [
    'basicConstraints=CA:false',
    'keyUsage=critical,digitalSignature,keyEncipherment',
    'extendedKeyUsage=clientAuth,serverAuth',
    'authorityKeyIdentifier=keyid',
    'subjectAltName=@names',
    'certificatePolicies=2.16.76.1.2.1.10,2.23.140.1.2.2',
    'authorityInfoAccess=OCSP;URI:http://ocsp.banco.example,caIssuers;URI:http://ca.banco.example/ca.p7b',
    'crlDistributionPoints=URI:http://ca.banco.example/1.crl,URI:http://ca.banco.example/2.crl',
    '[names]',
    'DNS.1=app.banco.example',
    'otherName.1=2.16.76.1.3.2;PRINTABLESTRING:JOSE DA SILVA',
    'otherName.2=2.16.76.1.3.3;OCTETSTRING:43142666000197',
    'otherName.3=2.16.76.1.3.4;FORMAT:HEX,OCTETSTRING:3031',
    'otherName.4=1.3.6.1.4.1.311.20.2.3;UTF8:joão@banco.example',
    'email.1=ti@banco.example',
  ])
  return expect(outcome({ ca: readFileSync(join(folder, 'root.pem'), 'utf8') }, app, [middle])).resolves.toBe('chain')
})

test('a client with a qualified certificate for PSD2', () => {
  request('qualified', ['C=DE', 'O=Zahlungsdienst GmbH', 'organizationIdentifier=PSDDE-BAFIN-123456', 'L=Köln', 'CN=tpp.example'])
  const app = sign('qualified', 'middle', [
    'keyUsage=critical,digitalSignature',
    'extendedKeyUsage=clientAuth',
    'subjectAltName=DNS:tpp.example,URI:https://tpp.example,IP:192.0.2.1,dirName:person,RID:1.2.3.4',
    'certificatePolicies=0.4.0.194112.1.4',
    '1.3.6.1.5.5.7.1.3=ASN1:SEQUENCE:statements',
    // Signed certificate timestamps, one octet too few: not to be heeded, and not critical.
    '1.3.6.1.4.1.11129.2.4.2=DER:0403000100',
    '[person]',
    'C=DE',
    'CN=Erika Mustermann',
    // QCStatements: compliance, for websites, and the role and authority of PSD2 (ETSI EN 319 412-5, TS 119 495 §5.1).
    '[statements]',
    'a=SEQUENCE:compliance',
    'b=SEQUENCE:type',
    'c=SEQUENCE:psd2',
    '[compliance]',
    'id=OID:0.4.0.1862.1.1',
    '[type]',
    'id=OID:0.4.0.1862.1.6',
    'types=SEQUENCE:types',
    '[types]',
    'web=OID:0.4.0.1862.1.6.3',
    '[psd2]',
    'id=OID:0.4.0.19495.2',
    'info=SEQUENCE:info',
    '[info]',
    'roles=SEQUENCE:roles',
    'name=UTF8:BaFin',
    'id=UTF8:DE-BAFIN',
    '[roles]',
    'role=SEQUENCE:role',
    '[role]',
    'id=OID:0.4.0.19495.1.3',
    'name=UTF8:PSP_AI',
  ])
  return expect(outcome({ ca: readFileSync(join(folder, 'root.pem'), 'utf8') }, app, [middle])).resolves.toBe('chain')
})
