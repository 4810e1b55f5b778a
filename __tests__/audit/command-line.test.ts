import { CommandError } from '../../lib/audit/command-error.js'
import { readCommandLine } from '../../lib/audit/command-line.js'
import { commandTerms } from '../../lib/audit/flags.js'
import { nearestName } from '../../lib/audit/nearest-name.js'
import { profiles } from '../../lib/profiles/index.js'

const commands = commandTerms(profiles.map(({ name }) => name))
const read = (...args: readonly string[]) => readCommandLine(args, { commands, version: '1.2.3', width: 80 })
const given = (command: string, target: string, flags: object) => ({
  kind: 'command',
  command,
  target,
  flags: expect.objectContaining(flags),
})

test.each([
  ['audit https://as.example --profile fapi2-security', given('audit', 'https://as.example', { profile: ['fapi2-security'] })],
  ['audit --profile=fapi2-security https://as.example', given('audit', 'https://as.example', { profile: ['fapi2-security'] })],
  ['audit --mtls c.pem k.pem https://as.example', given('audit', 'https://as.example', { mtls: ['c.pem', 'k.pem'] })],
  [
    'audit https://as.example --mtls=c.pem k.pem --all-clients',
    given('audit', 'https://as.example', { mtls: ['c.pem', 'k.pem'], 'all-clients': [] }),
  ],
  ['audit https://as.example --json - --html a.html', given('audit', 'https://as.example', { json: ['-'], html: ['a.html'] })],
  ['lint a.js --json=-odd', given('lint', 'a.js', { json: ['-odd'] })],
  ['lint -- -a.js', given('lint', '-a.js', {})],
  ['lint -- --help', given('lint', '--help', {})],
  ['keys --alg PS256 --alg ES256', given('keys', '', { alg: ['PS256', 'ES256'] })],
])('%s', (line, asked) => {
  expect(read(...line.split(' '))).toEqual(asked)
})

test.each([
  ['adit https://as.example', 'there is no command adit: did you mean audit?'],
  ['quux', 'there is no command quux: give one of audit, lint, clients, keys; express-fapi --help explains them'],
  ['--profile x', 'the command is missing before --profile: give one of audit, lint, clients, keys; --help explains them'],
  ['audit', 'audit needs <issuer>: the https issuer identifier'],
  ['audit a b', 'audit takes one <issuer>, and there is b beside a: give one'],
  ['audit a --mtls c.pem', '--mtls needs 2 values: give --mtls CERT KEY'],
  ['audit a --mtls c.pem --all-clients', '--mtls needs 2 values: give --mtls CERT KEY'],
  ['audit a --json', '--json needs a value: give --json FILE'],
  ['audit a --json --html x', '--json needs a value, and --html is a flag: give --json FILE'],
  ['audit a --json=', '--json is empty: give --json FILE'],
  ['audit a --json x --json y', '--json is given twice: give it once'],
  ['audit a --all-clients=yes', '--all-clients is a switch and takes no value'],
  ['audit a --jsn x', 'audit has no flag --jsn: did you mean --json?'],
  ['audit a -j', 'audit has no flag -j: it takes --profile, --mtls,'],
  ['lint a --mtls x y', 'lint has no flag --mtls: it takes --profile,'],
  ['lint a --__proto__ x', 'lint has no flag --__proto__: it takes --profile,'],
  ['keys here', 'keys takes flags only, and here is none: leave it out'],
])('%s is refused in one line that says what would be right', (line, message) => {
  const refused = () => read(...line.split(' '))
  expect(refused).toThrow(CommandError)
  expect(refused).toThrow(message)
})

test('what somebody typed is repeated without what a terminal would obey', () => {
  expect(() => read('\u001b[2Ja\nb')).toThrow('there is no command \\1B[2Ja b: ')
  expect(() => read('x'.repeat(100_000))).toThrow(/more\)/)
})

test.each([[[]], [['--help']], [['-h']], [['help']]])('%p explains the commands', (args) => {
  const { text } = read(...args) as { readonly text: string }
  for (const { name } of commands) expect(text).toContain(`\n  ${name} `)
  expect(text).toContain('Exit codes:\n  0  nothing failed\n  1  something failed\n  2  the command could not be carried out')
})

describe.each(commands.map((terms) => [terms.name, terms] as const))('%s', (name, terms) => {
  const { text } = read(name, '--help') as { readonly text: string }

  test('its help explains every flag, within the width', () => {
    for (const { name: flag, values, says } of terms.flags) {
      expect(text).toContain(`\n  ${[`--${flag}`, ...values].join(' ')} `)
      expect(text.replaceAll(/\s+/g, ' ')).toContain(says)
    }
    expect(text.split('\n').filter((line) => line.length > 80 && !line.includes('express-fapi'))).toEqual([])
    expect(read('help', name)).toEqual(read(name, '-h'))
  })

  test('its example is one that it understands', () => {
    const words = terms.example.replaceAll("'", '').split(' ')
    expect(words[0]).toBe('express-fapi')
    expect(read(...words.slice(1))).toMatchObject({ kind: 'command', command: name })
  })
})

test('the version is that of the package', () => {
  for (const args of [['--version'], ['-v'], ['lint', '--version']]) expect(read(...args)).toEqual({ kind: 'text', text: '1.2.3' })
})

test.each([
  ['adit', 'audit'],
  ['clinets', 'clients'],
  ['key', 'keys'],
  ['AUDIT', 'audit'],
  ['l', undefined],
  ['', undefined],
  ['completely else', undefined],
  ['x'.repeat(1_000_000), undefined],
])('a name written wrongly is told from one that is not meant', (written, meant) => {
  expect(nearestName(written, ['audit', 'lint', 'clients', 'keys'])).toBe(meant)
})
