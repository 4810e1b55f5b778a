import type { Listener } from '../../core/facts.js'

/** A URL that a server publishes, and whether browsers go there. */
export interface Host {
  readonly url: string
  readonly browsers: boolean
}

/** A listener, and what is known of it from the URLs it stands behind. */
export interface Behind extends Pick<Listener, 'browsers' | 'clients'> {
  readonly host: string
  readonly port: number
  readonly paths: readonly string[]
  /** Whether its URLs say https. */
  readonly secure: boolean
}

/** The listeners behind some URLs; what is no URL is left to those who look at the metadata. */
export function listenersOf(hosts: readonly Host[]): readonly Behind[] {
  const listeners = new Map<string, Behind>()
  for (const { url: text, browsers } of hosts) {
    const url = webUrl(text)
    if (!url) continue
    const known = listeners.get(url.origin)
    // The page that a browser sees comes first.
    const paths = browsers ? [url.pathname, ...(known?.paths ?? [])] : [...(known?.paths ?? []), url.pathname]
    listeners.set(url.origin, {
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: Number(url.port) || (url.protocol === 'https:' ? 443 : 80),
      browsers: browsers || known?.browsers === true,
      clients: !browsers || known?.clients === true,
      paths: [...new Set(paths)],
      secure: url.protocol === 'https:',
    })
  }
  return [...listeners.values()]
}

function webUrl(text: string): URL | undefined {
  try {
    const url = new URL(text)
    return ['https:', 'http:'].includes(url.protocol) ? url : undefined
  } catch {
    return undefined
  }
}
