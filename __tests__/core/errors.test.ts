import { ConfigurationError, type ConfigurationFault, describable, OAUTH_ERRORS, STAGE_ERRORS } from '../../lib/core/errors.js'
import { ERRORS } from './support.js'

describe('the table of errors', () => {
  test('begins with what tells a stranger nothing but to authenticate', () => {
    expect(ERRORS.filter((error) => OAUTH_ERRORS[error] < 500)[0]).toBe('invalid_client')
  })

  test.each(ERRORS)('%s travels under a status of its kind', (error) => {
    const others: Readonly<Record<string, number>> = {
      server_error: 500,
      temporarily_unavailable: 503,
      invalid_client: 401,
      invalid_token: 401,
    }
    expect(OAUTH_ERRORS[error]).toBe(others[error] ?? 400)
  })

  test.each(Object.entries(STAGE_ERRORS))('the stage %s answers with %s, which is in the table', (_stage, error) => {
    expect(ERRORS).toContain(error)
  })
})

describe('ConfigurationError', () => {
  const circular: unknown[] = []
  circular.push(circular)

  const lines: readonly (readonly [fault: ConfigurationFault, line: string])[] = [
    [{ option: 'mode', got: 'off', allowed: 'must be x' }, 'mode is "off", must be x'],
    [{ option: 'profile', got: undefined, allowed: 'must be x' }, 'profile is undefined, must be x'],
    [{ option: 'choose', got: () => {}, allowed: 'must be x' }, 'choose is a function, must be x'],
    [{ option: 'profiles', got: [], allowed: 'must be x' }, 'profiles is [], must be x'],
    [{ option: 'ttl', got: 61, allowed: 'must be x', profile: 'fapi2', clause: '5.3' }, 'ttl is 61, must be x (fapi2 5.3)'],
    [{ option: 'ttl', got: 61, allowed: 'must be x', clause: '5.3' }, 'ttl is 61, must be x (5.3)'],
    [{ option: 'ttl', got: 61, allowed: 'must be x', profile: undefined, clause: undefined }, 'ttl is 61, must be x'],
  ]

  test.each(lines)('%# says option, what was got, what is allowed and the clause', (fault, line) => {
    expect(new ConfigurationError([fault]).message).toBe(line)
  })

  test('lists every fault, each on its line', () => {
    const faults = lines.map(([fault]) => fault)
    const error = new ConfigurationError(faults)
    expect(error).toBeInstanceOf(Error)
    expect(error).toMatchObject({ name: 'ConfigurationError', code: 'ERR_FAPI_CONFIGURATION', faults })
    expect(error.message.split('\n')).toEqual(lines.map(([, line]) => line))
  })

  test.each([[10n], [Symbol('x')], [circular], [Object.create(null)], [Number.NaN]])('can say that it got %p', (got) => {
    expect(new ConfigurationError([{ option: 'x', got, allowed: 'must be y' }]).message).toMatch(/^x is .+, must be y$/)
  })
})

describe('describable', () => {
  test.each([
    ['redirect_uri must be https', 'redirect_uri must be https'],
    ['say "no"', "say 'no'"],
    ['a\\b', 'a/b'],
    ['a\r\nb\tc\0d', 'a??b?c?d'],
    ['é – ü', '? ? ?'],
    ['😀', '??'],
    ['\x7f', '?'],
    ['~ !#[]', '~ !#[]'],
    ['', ''],
  ])('%j becomes %j', (text, description) => {
    expect(describable(text)).toBe(description)
  })

  test('leaves only what RFC 6749 §5.2 allows, whatever comes', () => {
    const everything = String.fromCharCode(...Array.from({ length: 0x3000 }, (_, code) => code))
    expect(describable(everything)).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
  })
})
